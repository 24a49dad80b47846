/* BCC asks for the size of a ring buffer in pages. The addon says what a page is here. */
#ifndef PAGE_SIZE
#define PAGE_SIZE ALF_PAGE_SIZE
#endif

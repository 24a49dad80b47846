/* BCC computes the size of a ring buffer in pages. The addon defines ALF_PAGE_SIZE. */
#ifndef PAGE_SIZE
#define PAGE_SIZE ALF_PAGE_SIZE
#endif

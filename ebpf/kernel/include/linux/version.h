/* Of no use to a socket filter, which the kernel takes whatever it was compiled for; BCC asks for it all the same. */
#define LINUX_VERSION_CODE 0
#define KERNEL_VERSION(major, minor, patch) (((major) << 16) + ((minor) << 8) + (patch))

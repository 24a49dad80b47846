/* BCC includes it. The kernel does not check the version of a socket filter. */
#define LINUX_VERSION_CODE 0
#define KERNEL_VERSION(major, minor, patch) (((major) << 16) + ((minor) << 8) + (patch))

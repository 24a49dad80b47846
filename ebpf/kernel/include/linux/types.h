/* The type names that kernel code may use: the kernel's own, those of its user-space interface, and C99's. */
#ifndef ALF_KERNEL_TYPES_H
#define ALF_KERNEL_TYPES_H

typedef __INT8_TYPE__ __s8;
typedef __INT16_TYPE__ __s16;
typedef __INT32_TYPE__ __s32;
typedef long long __s64;
typedef __UINT8_TYPE__ __u8;
typedef __UINT16_TYPE__ __u16;
typedef __UINT32_TYPE__ __u32;
typedef unsigned long long __u64;

typedef __u16 __be16, __le16, __sum16;
typedef __u32 __be32, __le32, __wsum;
typedef __u64 __be64, __le64;
typedef __u64 __attribute__((aligned(8))) __aligned_u64, __aligned_be64, __aligned_le64;

typedef __s8 s8, int8_t;
typedef __s16 s16, int16_t;
typedef __s32 s32, int32_t;
typedef __s64 s64, int64_t;
typedef __u8 u8, uint8_t;
typedef __u16 u16, uint16_t;
typedef __u32 u32, uint32_t;
typedef __u64 u64, uint64_t;

typedef _Bool bool;
typedef __SIZE_TYPE__ size_t;
typedef __PTRDIFF_TYPE__ ptrdiff_t, ssize_t;
typedef __UINTPTR_TYPE__ uintptr_t;

#define true 1
#define false 0

#ifndef NULL
#define NULL ((void *)0)
#endif

#endif

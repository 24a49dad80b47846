/** What runs a guest's instructions: the CPU itself, or qemu's translator. */
export type Accelerator = 'kvm' | 'tcg';

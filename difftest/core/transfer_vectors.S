/* SPDX-License-Identifier: Apache-2.0 */
/* How the programs that run cases install and read SIMD&FP registers. */

/* void load_vectors(const struct wire_vectors *), void store_vectors(struct wire_vectors *) */
    .macro transfer_vectors operation
    .irp n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
    \operation q\n, [x0, #16 * \n]
    .endr
    .irp n, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
    \operation q\n, [x0, #16 * \n]
    .endr
    ret
    .endm

    .global load_vectors
load_vectors:
    transfer_vectors ldr

    .global store_vectors
store_vectors:
    transfer_vectors str

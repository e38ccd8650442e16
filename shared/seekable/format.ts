/**
 * Zstandard's seekable format, as zstd's own contrib/seekable_format has it: independent frames, one after another, and at the end a skippable
 * frame with their sizes, so that any place is found by reading the end and a frame. Numbers are little-endian. Checksums are those inside
 * the frames; the table's own are read over.
 */
export const SKIPPABLE_MAGIC = 0x18_4d_2a_5e;
export const SEEKABLE_MAGIC = 0x8f_92_ea_b1;

/** Magic and length, before the table. */
export const HEADER_BYTES = 8;
/** Count of frames, descriptor and magic, after the table. */
export const FOOTER_BYTES = 9;

/** In the descriptor: each entry has a checksum too. The bits between must be zero. */
export const CHECKSUM_FLAG = 0x80;
export const RESERVED_BITS = 0x7c;

/** Most bytes that a frame holds: a reader keeps a whole one in memory. */
export const MAX_FRAME_BYTES = 16 * 1024 * 1024;
/** Most bytes of compressed data that make these: what can't be compressed grows a little. */
export const MAX_COMPRESSED_BYTES = MAX_FRAME_BYTES + MAX_FRAME_BYTES / 128 + 1024;
/** Most frames of an object: a terabyte in frames of a megabyte. Its table takes 8 MiB. */
export const MAX_FRAMES = 1024 * 1024;

/** Windows of at most 16 MiB: what a frame claims to need is somebody's word. */
export const MAX_WINDOW_LOG = 24;

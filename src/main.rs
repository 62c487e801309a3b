//! The `lexlog` command.

use mimalloc::MiMalloc;
use std::alloc::{GlobalAlloc, Layout, System};

/// Memory in small pieces from an allocator that is quick at those, and in large ones from the system, which makes them longer in
/// their place and takes them back at once.
struct Allocator;

/// From how many bytes on a piece is large.
const LARGE: usize = 32 << 10;

fn is_large(size: usize) -> bool {
    size >= LARGE
}

// SAFETY: each piece goes back to the allocator that gave it, which is known by its size: the caller says it truly.
unsafe impl GlobalAlloc for Allocator {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        match is_large(layout.size()) {
            true => unsafe { System.alloc(layout) },
            false => unsafe { MiMalloc.alloc(layout) },
        }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        match is_large(layout.size()) {
            true => unsafe { System.alloc_zeroed(layout) },
            false => unsafe { MiMalloc.alloc_zeroed(layout) },
        }
    }

    unsafe fn dealloc(&self, piece: *mut u8, layout: Layout) {
        match is_large(layout.size()) {
            true => unsafe { System.dealloc(piece, layout) },
            false => unsafe { MiMalloc.dealloc(piece, layout) },
        }
    }

    unsafe fn realloc(&self, piece: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        match (is_large(layout.size()), is_large(size)) {
            (true, true) => unsafe { System.realloc(piece, layout, size) },
            (false, false) => unsafe { MiMalloc.realloc(piece, layout, size) },
            _ => unsafe {
                let moved = self.alloc(Layout::from_size_align_unchecked(size, layout.align()));
                if !moved.is_null() {
                    piece.copy_to_nonoverlapping(moved, size.min(layout.size()));
                    self.dealloc(piece, layout);
                }
                moved
            },
        }
    }
}

#[global_allocator]
static ALLOCATOR: Allocator = Allocator;

fn main() -> std::process::ExitCode {
    lexlog::cli::main()
}

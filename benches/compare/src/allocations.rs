//! Counts allocations.

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

#[global_allocator]
static ALLOCATOR: Counting = Counting;

static COUNT: AtomicUsize = AtomicUsize::new(0);

/// The system's allocator. Growing counts like allocating.
struct Counting;

// SAFETY: everything is handed on as it came.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count();
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        count();
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn realloc(&self, p: *mut u8, old: Layout, new: usize) -> *mut u8 {
        count();
        unsafe { System.realloc(p, old, new) }
    }

    unsafe fn dealloc(&self, p: *mut u8, layout: Layout) {
        unsafe { System.dealloc(p, layout) }
    }
}

/// Not `fetch_add`: there is one thread, and this runs while time is taken.
fn count() {
    COUNT.store(COUNT.load(Relaxed) + 1, Relaxed);
}

/// How many allocations it makes.
pub fn during(act: impl FnOnce()) -> usize {
    let before = COUNT.load(Relaxed);
    act();
    COUNT.load(Relaxed) - before
}

// Memory for the frames of coroutines: each thread keeps some that were given back, by size. A
// request makes about twenty, many above the size that the allocator serves quickly.
#pragma once

#include <cstddef>

namespace cardea::task_detail {

// Throws std::bad_alloc. Any thread may give a frame back, with the size it was asked for.
void* allocate_frame(std::size_t size);
void free_frame(void* frame, std::size_t size) noexcept;

}  // namespace cardea::task_detail

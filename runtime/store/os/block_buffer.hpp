// Memory that begins at a block boundary, as writes that bypass the page cache need it.
#pragma once

#include <cstddef>
#include <memory>
#include <new>

namespace annals::store {

class block_buffer {
public:
  static constexpr std::size_t block_bytes = 4096;

  /// Room for this many bytes; the previous content may be lost.
  char* room_for(std::size_t bytes) {
    if (!data_ || bytes > size_) {
      data_.reset(static_cast<char*>(::operator new(bytes, alignment)));
      size_ = bytes;
    }
    return data_.get();
  }

private:
  static constexpr std::align_val_t alignment{block_bytes};
  struct freed {
    void operator()(char* data) const { ::operator delete(data, alignment); }
  };
  std::unique_ptr<char, freed> data_;
  std::size_t size_ = 0;
};

}  // namespace annals::store

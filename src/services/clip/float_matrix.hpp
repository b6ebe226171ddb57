// A matrix of float32 in a .npy file, which stays on the disk until a row of it is used: CLIP's
// table of token embeddings has 100 MB, of which a prompt wants twenty kilobytes.
//
// The file is mapped: whoever may write to it may end this process. Models and what belongs to them
// are files of administrators (docs/adr/0016).
#pragma once

#include <cstddef>
#include <memory>
#include <span>

#include <npu/result.hpp>

#include "store/opened_file.hpp"

namespace npu::clip {

class FloatMatrix {
 public:
  // kMalformed, kUnsupported: the file is no such matrix; the message names it.
  static Result<FloatMatrix> map(const store::OpenedFile& file);

  std::size_t rows() const { return rows_; }
  std::size_t columns() const { return columns_; }
  // row < rows(). May read from the disk.
  std::span<const float> row(std::size_t row) const {
    return values_.subspan(row * columns_, columns_);
  }

 private:
  FloatMatrix() = default;

  std::shared_ptr<const void> mapped_;
  std::span<const float> values_;
  std::size_t rows_ = 0;
  std::size_t columns_ = 0;
};

}  // namespace npu::clip

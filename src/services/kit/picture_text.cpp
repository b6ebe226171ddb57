#include "services/kit/picture_text.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include "tensor/base64.hpp"

namespace npu::kit {
namespace {

constexpr std::size_t kChunk = 64 << 10;  // characters, a multiple of four

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

tl::unexpected<Error> not_base64(const Error& error) {
  return fail(error.code, "'image' is not valid base64: " + error.message);
}

}  // namespace

void PictureText::begin() {
  chunk_.clear();
  at_its_beginning_ = true;
  characters_ = 0;
  bytes_ = 0;
  status_ = {};
}

void PictureText::add(std::string_view piece) {
  while (!piece.empty() && status_) {
    if (chunk_.size() == kChunk) decode(false);
    const std::size_t had = chunk_.size();
    const std::string_view taken = piece.substr(0, kChunk - had);
    piece.remove_prefix(taken.size());
    chunk_ += taken;
    chunk_.erase(
        std::remove_if(chunk_.begin() + static_cast<std::ptrdiff_t>(had), chunk_.end(), is_blank),
        chunk_.end());
  }
}

Result<std::span<const std::byte>> PictureText::finish() {
  if (status_) decode(true);
  if (!status_) return fail(status_.error());
  if (bytes_ == 0) return fail(ErrorCode::kInvalidArgument, "'image' is empty");
  return std::as_bytes(std::span(body_.view())).first(bytes_);
}

void PictureText::decode(bool last) {
  if (std::exchange(at_its_beginning_, false) && chunk_.starts_with("data:")) {
    const auto comma = chunk_.find(',');
    if (comma == std::string::npos) {
      status_ = fail(ErrorCode::kInvalidArgument, "'image' is a data URL without a comma");
      return;
    }
    chunk_.erase(0, comma + 1);
    if (!last) return;  // there is room again
  }
  const auto size = base64_decoded_size(chunk_, characters_);
  if (!size) {
    status_ = not_base64(size.error());
    return;
  }
  std::vector<std::byte> decoded(*size);
  status_ = base64_decode(chunk_, decoded, characters_);
  if (status_ && !last && *size < kChunk / 4 * 3) {
    status_ = fail(ErrorCode::kMalformed, "base64 text goes on behind its padding");
  }
  if (!status_) {
    status_ = not_base64(status_.error());
    return;
  }
  status_ =
      body_.overwrite(bytes_, {reinterpret_cast<const char*>(decoded.data()), decoded.size()});
  bytes_ += decoded.size();
  characters_ += chunk_.size();
  chunk_.clear();
}

}  // namespace npu::kit

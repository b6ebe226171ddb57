#include "wire/frame.hpp"

#include <algorithm>
#include <cstdlib>
#include <cstring>

#include <fmt/format.h>

namespace npu::wire {
namespace {

constexpr std::size_t kMaxDepth = 32;

std::string_view text_of(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

// Where the string that begins at `from` has its closing quote, or the end of the text.
std::size_t end_of_string(std::string_view text, std::size_t from) {
  for (std::size_t at = text.find('"', from + 1); at != text.npos; at = text.find('"', at + 1)) {
    std::size_t escapes = 0;
    while (text[at - 1 - escapes] == '\\') ++escapes;
    if (escapes % 2 == 0) return at;
  }
  return text.size();
}

constexpr std::size_t kFirstPiece = std::size_t{64} << 10;

// Memory that the C library can make larger without copying what is large.
struct Block {
  Block() = default;
  Block(const Block&) = delete;
  Block& operator=(const Block&) = delete;
  ~Block() { std::free(data); }

  void* data = nullptr;
};

// Never fewer than a parser would make.
bool has_more_values(std::string_view text, std::size_t bound) {
  if (text.size() <= bound) return false;
  std::size_t values = 1;
  for (std::size_t at = 0; at < text.size() && values <= bound; ++at) {
    const char c = text[at];
    if (c == '"') at = end_of_string(text, at);
    values += c == ',' || c == '[' || c == '{';
  }
  return values > bound;
}

}  // namespace

Buffer heap_buffer(std::size_t bytes) {
  std::shared_ptr<std::byte[]> data(new std::byte[bytes]);
  const std::span<std::byte> span(data.get(), bytes);
  return {std::move(data), span};
}

FrameReader::FrameReader(std::size_t max_payload, BufferSource source)
    : max_payload_(max_payload), source_(std::move(source)) {}

std::span<std::byte> FrameReader::prepare() {
  if (filling_) return filling_->buffer.bytes.subspan(filled_);
  if (staging_.empty()) staging_.resize(kStagingBytes);
  if (staged_begin_ > 0) {
    std::memmove(staging_.data(), staging_.data() + staged_begin_, staged_end_ - staged_begin_);
    staged_end_ -= staged_begin_;
    staged_begin_ = 0;
  }
  return std::span(staging_).subspan(staged_end_);
}

Status FrameReader::commit(std::size_t n) {
  if (!filling_) {
    staged_end_ += n;
    return begin_payloads();
  }
  return fill(n);
}

Status FrameReader::fill(std::size_t n) {
  filled_ += n;
  if (filled_ < filling_->buffer.bytes.size()) return {};
  if (filled_ < filling_->size) return grow();
  complete_.push_back(std::move(filling_->buffer));
  filling_.reset();
  return {};
}

// Twice as large, as far as the payload goes.
Status FrameReader::grow() {
  Buffer& buffer = filling_->buffer;
  if (!buffer.owner) buffer.owner = std::make_shared<Block>();
  const std::size_t size = std::min(filling_->size, std::max(kFirstPiece, buffer.bytes.size() * 2));
  auto* const block = static_cast<Block*>(buffer.owner.get());
  void* const data = std::realloc(block->data, std::max<std::size_t>(size, 1));
  if (data == nullptr) {
    return fail(ErrorCode::kOverloaded,
                fmt::format("no memory is left for a message of {} bytes", filling_->size));
  }
  block->data = data;
  buffer.bytes = {static_cast<std::byte*>(data), size};
  return {};
}

Status FrameReader::begin_payloads() {
  while (!filling_ && staged_end_ - staged_begin_ >= kHeaderBytes) {
    const std::span<const std::byte> staged(staging_.data() + staged_begin_,
                                            staged_end_ - staged_begin_);
    const std::size_t size = decode_length(staged.first<kHeaderBytes>());
    if (size > max_payload_) {
      return fail(ErrorCode::kTooLarge, fmt::format("Message too large: {} bytes", size));
    }
    filling_ = Filling{source_ ? source_(size) : Buffer{}, size};
    if (!filling_->buffer.owner) {
      if (auto grown = grow(); !grown) return grown;
    }
    const std::size_t have = std::min(size, staged.size() - kHeaderBytes);
    if (have > 0) std::memcpy(filling_->buffer.bytes.data(), staged.data() + kHeaderBytes, have);
    staged_begin_ += kHeaderBytes + have;
    filled_ = 0;
    if (auto filled = fill(have); !filled) return filled;
  }
  return {};
}

std::optional<Buffer> FrameReader::next() {
  if (next_complete_ == complete_.size()) {
    complete_.clear();
    next_complete_ = 0;
    return std::nullopt;
  }
  return std::move(complete_[next_complete_++]);
}

bool FrameReader::at_boundary() const {
  return !filling_ && staged_begin_ == staged_end_ && next_complete_ == complete_.size();
}

std::array<std::byte, kHeaderBytes> encode_length(std::size_t bytes) {
  return {static_cast<std::byte>(bytes >> 24), static_cast<std::byte>(bytes >> 16),
          static_cast<std::byte>(bytes >> 8), static_cast<std::byte>(bytes)};
}

std::size_t decode_length(std::span<const std::byte, kHeaderBytes> bytes) {
  std::size_t length = 0;
  for (const std::byte byte : bytes) length = length << 8 | std::to_integer<std::size_t>(byte);
  return length;
}

Result<boost::json::value> parse_json(std::string_view text, std::size_t max_values) {
  if (has_more_values(text, max_values)) {
    return fail(ErrorCode::kTooLarge,
                fmt::format("Message too large: more than {} JSON values", max_values));
  }
  boost::json::parse_options options;
  options.max_depth = kMaxDepth;
  boost::system::error_code error;
  auto value = boost::json::parse(text, error, {}, options);
  if (error) return fail(ErrorCode::kMalformed, "invalid JSON: " + error.message());
  return value;
}

Result<Message> parse_payload(std::span<const std::byte> payload, Layout layout,
                              std::size_t max_values) {
  std::span<const std::byte> json = payload;
  std::span<const std::byte> tail;
  if (layout == Layout::kTail) {
    if (payload.size() < kHeaderBytes) {
      return fail(ErrorCode::kMalformed, "invalid frame: no room for the length of the JSON");
    }
    const std::size_t size = decode_length(payload.first<kHeaderBytes>());
    const auto rest = payload.subspan(kHeaderBytes);
    if (size > rest.size()) {
      return fail(
          ErrorCode::kMalformed,
          fmt::format("invalid frame: {} bytes of JSON announced, {} there", size, rest.size()));
    }
    json = rest.first(size);
    tail = rest.subspan(size);
  }
  auto value = parse_json(text_of(json), max_values);
  if (!value) return fail(value.error());
  auto* body = value->if_object();
  if (body == nullptr) return fail(ErrorCode::kInvalidArgument, "a message must be a JSON object");
  return Message{std::move(*body), tail, text_of(json)};
}

std::string_view number_text(std::string_view object, std::string_view member) {
  constexpr std::string_view kSpace = " \t\r\n";
  constexpr std::string_view kOfNumbers = "+-.0123456789Ee";
  std::string_view found;
  int depth = 0;
  for (std::size_t at = 0; at < object.size(); ++at) {
    const char c = object[at];
    if (c == '{' || c == '[') ++depth;
    if (c == '}' || c == ']') --depth;
    if (c != '"') continue;
    const std::string_view name = object.substr(at + 1, end_of_string(object, at) - at - 1);
    at += name.size() + 1;
    if (depth != 1 || name != member) continue;
    const std::size_t colon = object.find_first_not_of(kSpace, at + 1);
    if (colon == object.npos || object[colon] != ':') continue;
    const std::size_t value = std::min(object.find_first_not_of(kSpace, colon + 1), object.size());
    found = object.substr(value, object.find_first_not_of(kOfNumbers, value) - value);
  }
  return found;
}

void seal(std::string& frame, Layout layout, std::size_t tail_bytes) {
  const auto write = [&](std::size_t at, std::size_t length) {
    const auto bytes = encode_length(length);
    std::memcpy(frame.data() + at, bytes.data(), bytes.size());
  };
  write(0, frame.size() - kHeaderBytes + tail_bytes);
  if (layout == Layout::kTail) write(kHeaderBytes, frame.size() - head_bytes(layout));
}

std::string encode_text(std::string_view json, Layout layout, std::size_t tail_bytes) {
  std::string out;
  out.reserve(head_bytes(layout) + json.size());
  out.resize(head_bytes(layout));
  out += json;
  seal(out, layout, tail_bytes);
  return out;
}

std::string encode_message(const boost::json::value& body, Layout layout, std::size_t tail_bytes) {
  return encode_text(boost::json::serialize(body), layout, tail_bytes);
}

}  // namespace npu::wire

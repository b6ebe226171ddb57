#include "wire/frame.hpp"

#include <algorithm>
#include <cstdlib>
#include <cstring>

#include <fmt/format.h>

namespace npu::wire {
namespace {

std::string_view text_of(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
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

Error in_words_of_the_wire(Error error) {
  if (error.code == ErrorCode::kMalformed) error.message.insert(0, "invalid JSON: ");
  if (error.code == ErrorCode::kTooLarge) error.message.insert(0, "Message too large: ");
  return error;
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
  if (!has_payload()) {
    complete_.clear();
    next_complete_ = 0;
    return std::nullopt;
  }
  return std::move(complete_[next_complete_++]);
}

bool FrameReader::at_boundary() const {
  return !filling_ && staged_begin_ == staged_end_ && !has_payload();
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

Result<Message> parse_request(std::span<const std::byte> payload, Layout layout,
                              const std::stop_token& stop, const npu::json::Limits& limits,
                              boost::json::storage_ptr memory) {
  std::span<const std::byte> text = payload;
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
    text = rest.first(size);
    tail = rest.subspan(size);
  }
  auto parsed = npu::json::parse_request(text_of(text), limits, stop, std::move(memory));
  if (!parsed) return fail(in_words_of_the_wire(std::move(parsed.error())));
  auto* body = parsed->value.if_object();
  if (body == nullptr) return fail(ErrorCode::kInvalidArgument, "a message must be a JSON object");
  return Message{std::move(*body), tail, text_of(text), std::move(parsed->numbers)};
}

Result<Message> parse_payload(std::span<const std::byte> payload, Layout layout,
                              const npu::json::Limits& limits) {
  auto message = parse_request(payload, layout, {}, limits);
  if (message && !message->numbers) {
    return fail(ErrorCode::kMalformed, message->numbers.error().message);
  }
  return message;
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

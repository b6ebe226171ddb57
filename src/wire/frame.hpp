// Frames: a 4-byte big-endian length, then that many bytes of payload. The payload is one UTF-8
// JSON object; on a connection that was granted `tail` it is a 4-byte big-endian length of the
// JSON, the JSON, then raw bytes (docs/reference/protocol.md section 2).
//
// This codec does no I/O: the caller receives into it and sends what it returns.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json.hpp>

#include <npu/result.hpp>

#include "json/parse.hpp"

namespace npu::wire {

inline constexpr std::size_t kHeaderBytes = 4;
inline constexpr std::size_t kDefaultMaxPayload = std::size_t{64} << 20;

// Bytes with shared ownership, so that tensors inside a payload can outlive the reader.
struct Buffer {
  std::shared_ptr<void> owner;
  std::span<std::byte> bytes;
};

// Returns a Buffer of exactly `bytes` bytes, or one without owner: then the reader finds memory
// itself. Called with at most the reader's max_payload.
using BufferSource = std::function<Buffer(std::size_t bytes)>;

// Uninitialised heap memory: a peer that announces much and sends nothing costs address space only.
Buffer heap_buffer(std::size_t bytes);

// Cuts a byte stream into payloads.
//
//   auto space = reader.prepare();            // never empty
//   n = recv(fd, space);
//   if (auto ok = reader.commit(n); !ok) ...  // kTooLarge: answer, then close the connection
//   while (auto payload = reader.next()) ...
//
// Payloads larger than the staging area are received in place, without a copy: into a buffer of the
// source, else into memory that grows with what arrives, so that a peer that announces much and
// sends nothing costs nothing.
class FrameReader {
 public:
  explicit FrameReader(std::size_t max_payload = kDefaultMaxPayload, BufferSource source = {});

  std::span<std::byte> prepare();
  // n <= prepare().size() bytes were written to the space. Fails with kTooLarge
  // ("Message too large: <n> bytes") once a frame announces more than max_payload, with kOverloaded
  // where there is no memory for it; the reader is then unusable.
  Status commit(std::size_t n);
  // The next complete payload, if there is one.
  std::optional<Buffer> next();
  bool has_payload() const { return next_complete_ < complete_.size(); }
  // True between frames: end of file is clean here and a truncation anywhere else.
  bool at_boundary() const;

 private:
  struct Filling {
    Buffer buffer;
    std::size_t size = 0;  // of the payload; the buffer has less while it grows
  };
  Status begin_payloads();
  Status fill(std::size_t n);  // n more bytes of the payload are there
  Status grow();

  static constexpr std::size_t kStagingBytes = 16 << 10;

  std::size_t max_payload_;
  BufferSource source_;
  std::vector<std::byte> staging_;
  std::size_t staged_begin_ = 0;
  std::size_t staged_end_ = 0;
  std::optional<Filling> filling_;
  std::size_t filled_ = 0;
  std::vector<Buffer> complete_;
  std::size_t next_complete_ = 0;
};

std::array<std::byte, kHeaderBytes> encode_length(std::size_t bytes);
std::size_t decode_length(std::span<const std::byte, kHeaderBytes> bytes);

enum class Layout {
  kJson,  // the payload is the JSON text
  kTail,  // the payload is the length of the JSON, the JSON, then raw bytes
};

struct Message {
  boost::json::object body;
  std::span<const std::byte> tail;  // into the payload; empty with Layout::kJson
  std::string_view text;            // the JSON, into the payload
  Status numbers;                   // as json::Parsed has it
};

// Fails with kTooLarge: the JSON is over a limit (json/parse.hpp); with kMalformed: the text is not
// JSON, is not UTF-8, is nested too deeply, or the lengths contradict each other; with
// kInvalidArgument: it is JSON but not an object; with kCancelled: stop was requested. memory: as
// json::parse_request has it.
Result<Message> parse_request(std::span<const std::byte> payload, Layout layout,
                              const std::stop_token& stop = {},
                              const npu::json::Limits& limits = {},
                              boost::json::storage_ptr memory = {});

// The same from a peer of whom numbers that are none are not expected: kMalformed.
Result<Message> parse_payload(std::span<const std::byte> payload, Layout layout,
                              const npu::json::Limits& limits = {});

// For text that is built in place, without a copy at the end: begin with head_bytes(layout)
// characters of any kind, append the JSON, then seal, which writes the lengths over them.
constexpr std::size_t head_bytes(Layout layout) {
  return layout == Layout::kTail ? 2 * kHeaderBytes : kHeaderBytes;
}
void seal(std::string& frame, Layout layout, std::size_t tail_bytes = 0);

// The complete frame head for a message without raw bytes behind it, or in front of tail_bytes of
// them: the header and the JSON. Sending it followed by the tail is one message.
std::string encode_message(const boost::json::value& body, Layout layout = Layout::kJson,
                           std::size_t tail_bytes = 0);
// The same for JSON text that is already serialised.
std::string encode_text(std::string_view json, Layout layout = Layout::kJson,
                        std::size_t tail_bytes = 0);

}  // namespace npu::wire

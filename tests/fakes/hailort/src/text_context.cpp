// The context of a language model as bytes.
#include <cstring>

#include "text_server.hpp"

namespace hailo_fake {

using namespace std::chrono_literals;

namespace {

constexpr std::uint64_t kMagic = 0x7478'6574'6b65;
constexpr std::size_t kBytesOfToken = 512;
constexpr auto kTransfer = 50ms;

struct Header {
  std::uint64_t magic = kMagic;
  std::uint64_t model = 0;
  std::uint64_t used = 0;
  std::uint64_t prefix = 0;
  std::uint64_t spoiled = 0;
};

}  // namespace

void TextServer::clear_context() {
  used_ = 0;
  prefix_ = 0;
  spoiled_ = false;
  warned_ = false;
  recent_.clear();
  recovering_.clear();
  abort_requested_ = false;
}

hailort::Expected<hailort::BufferPtr> TextServer::save_context() {
  const hailo_status sent = link_.sleep(kTransfer);
  if (sent != HAILO_SUCCESS) return hailort::make_unexpected(sent);
  const Header header{.model = link_.hef().hash_number,
                      .used = used_,
                      .prefix = prefix_,
                      .spoiled = spoiled_ ? 1U : 0U};
  auto buffer = hailort::Buffer::create_shared(sizeof(header) + used_ * kBytesOfToken);
  if (!buffer) return hailort::make_unexpected(buffer.status());
  std::memset(buffer.value()->data(), 0x5A, buffer.value()->size());
  std::memcpy(buffer.value()->data(), &header, sizeof(header));
  return buffer.release();
}

hailo_status TextServer::load_context(const hailort::MemoryView& context) {
  Header header;
  if (context.size() < sizeof(header)) return HAILO_INVALID_ARGUMENT;
  std::memcpy(&header, context.data(), sizeof(header));
  if (header.magic != kMagic || header.model != link_.hef().hash_number ||
      context.size() < sizeof(header) + header.used * kBytesOfToken) {
    return HAILO_INVALID_ARGUMENT;
  }
  const hailo_status sent = link_.sleep(kTransfer);
  if (sent != HAILO_SUCCESS) return sent;
  clear_context();
  used_ = header.used;
  prefix_ = header.prefix;
  spoiled_ = header.spoiled != 0;
  return HAILO_SUCCESS;
}

}  // namespace hailo_fake

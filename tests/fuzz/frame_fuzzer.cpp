// Bytes from a client, cut at any place: frames, then JSON with and without tail, then tensors.
#include <algorithm>
#include <cstdlib>
#include <cstring>

#include "tensor/base64.hpp"
#include "wire/frame.hpp"
#include "wire/tensor_json.hpp"

namespace {

using namespace npu;

constexpr std::size_t kMaxPayload = 64 << 10;

Result<boost::json::value> decode(const wire::TensorRef& ref, std::span<const std::byte> tail) {
  if (const auto* base64 = std::get_if<wire::InBase64>(&ref.place)) {
    std::vector<std::byte> bytes(ref.bytes);
    if (auto done = base64_decode(base64->text, bytes); !done) return fail(done.error());
  }
  if (const auto* place = std::get_if<wire::InTail>(&ref.place)) {
    if (!wire::within(place->offset, place->size, tail.size())) {
      return fail(ErrorCode::kInvalidArgument, "outside");
    }
    if (std::count(tail.begin() + static_cast<std::ptrdiff_t>(place->offset),
                   tail.begin() + static_cast<std::ptrdiff_t>(place->offset + place->size),
                   std::byte{}) < 0) {
      std::abort();
    }
  }
  return wire::region_tensor(ref.dtype, ref.shape, 1, 0);
}

void parse(std::span<const std::byte> payload, wire::Layout layout) {
  auto message = wire::parse_payload(payload, layout);
  if (!message) return;
  boost::json::value body = message->body;
  const auto decoded = wire::transform_tensors(
      body, [&](const wire::TensorRef& ref) { return decode(ref, message->tail); });
  if (decoded && wire::encode_message(body).size() < wire::kHeaderBytes) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::size_t chunk = data[0] + std::size_t{1};
  std::span<const std::byte> rest = std::as_bytes(std::span(data + 1, size - 1));
  wire::FrameReader reader(kMaxPayload);
  while (!rest.empty()) {
    const auto space = reader.prepare();
    if (space.empty()) std::abort();
    const std::size_t n = std::min({chunk, space.size(), rest.size()});
    std::memcpy(space.data(), rest.data(), n);
    rest = rest.subspan(n);
    if (!reader.commit(n)) return 0;
    while (auto payload = reader.next()) {
      if (payload->bytes.size() > kMaxPayload) std::abort();
      parse(payload->bytes, wire::Layout::kJson);
      parse(payload->bytes, wire::Layout::kTail);
    }
  }
  return 0;
}

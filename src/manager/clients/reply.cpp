#include "manager/clients/reply.hpp"

#include <array>
#include <cmath>

#include <fmt/format.h>

#include "base/error_table.hpp"
#include "base/utf8.hpp"
#include "tensor/base64.hpp"
#include "wire/tensor_json.hpp"

namespace npu::manager {
namespace json = boost::json;
namespace {

Status check_size(std::size_t payload, const ReplyStyle& style) {
  if (payload <= style.max_bytes) return {};
  return fail(ErrorCode::kTooLarge, fmt::format("Response too large: {} bytes", payload));
}

// frame begins with head_bytes of room.
Result<OutMessage> finish(std::string frame, const ReplyStyle& style, std::size_t tail_bytes = 0) {
  const std::size_t payload = frame.size() - wire::kHeaderBytes + tail_bytes;
  if (auto fits = check_size(payload, style); !fits) return fail(fits.error());
  wire::seal(frame, style.layout, tail_bytes);
  return OutMessage{.head = std::move(frame)};
}

std::string room_for_head(const ReplyStyle& style) {
  return std::string(wire::head_bytes(style.layout), '\0');
}

void append_request_id(std::string& text, std::string_view request_id) {
  if (request_id.empty()) return;
  text += R"(,"request_id":)";
  text += request_id;
}

constexpr std::string_view kOpening = R"({"status":"ok","result":)";

std::string open_infer(const ReplyStyle& style, std::size_t result_bytes = 0) {
  std::string text = room_for_head(style);
  text.reserve(text.size() + kOpening.size() + result_bytes + 256);
  text += kOpening;
  return text;
}

std::string close_infer(std::string text, const InferReply& reply) {
  text += fmt::format(R"(,"inference_time_ms":{})", std::llround(reply.result->inference_ms));
  if (!reply.warning.empty()) {
    text += R"(,"warning":)";
    text += json::serialize(json::string(reply.warning));
  }
  append_request_id(text, reply.request_id);
  text += '}';
  return text;
}

// The bytes of a result tensor, checked against the region that it claims to lie in.
Result<std::span<std::byte>> bytes_of(const wire::TensorRef& ref, const InferReply& reply) {
  const auto* at = std::get_if<wire::InRegion>(&ref.place);
  if (at == nullptr)
    return fail(ErrorCode::kInternal, "the worker sent a tensor without its memory");
  const auto number = static_cast<RegionNumber>(at->region);
  const RegionPtr& own = reply.result->region;
  Region* region = nullptr;
  if (own && (number == 0 || number == own->number())) region = own.get();
  if (reply.output && number == reply.output->region->number()) region = reply.output->region.get();
  if (region == nullptr || !wire::within(at->offset, ref.bytes, region->bytes().size())) {
    return fail(ErrorCode::kInternal, "the worker named memory that it was not given");
  }
  return region->bytes().subspan(at->offset, ref.bytes);
}

// What a reply is made from, but for what does not fit.
class Scratch {
 public:
  json::storage_ptr get() { return &memory_; }

 private:
  std::array<unsigned char, 2048> bytes_;
  json::monotonic_resource memory_{bytes_.data(), bytes_.size()};
};

Result<OutMessage> in_client_region(const InferReply& reply, const ReplyStyle& style) {
  Scratch scratch;
  json::value value(reply.result->result, scratch.get());
  const auto done =
      wire::transform_tensors(value, [&](const wire::TensorRef& ref) -> Result<json::value> {
        const auto bytes = bytes_of(ref, reply);
        if (!bytes) return fail(bytes.error());
        const auto offset =
            static_cast<std::size_t>(bytes->data() - reply.output->region->bytes().data());
        return wire::region_tensor(ref.dtype, ref.shape, reply.output->client_region, offset,
                                   scratch.get());
      });
  if (!done) return fail(done.error());
  std::string text = open_infer(style);
  text += json::serialize(value);
  return finish(close_infer(std::move(text), reply), style);
}

// Small tails become a part of the message: one that nobody reads shall not keep a slab and its
// descriptor.
constexpr std::size_t kCopiedTail = std::size_t{64} << 10;

Result<OutMessage> in_tail(const InferReply& reply, const ReplyStyle& style) {
  Scratch scratch;
  json::value value(reply.result->result, scratch.get());
  std::vector<iovec> tail;
  std::size_t tail_bytes = 0;
  const auto done =
      wire::transform_tensors(value, [&](const wire::TensorRef& ref) -> Result<json::value> {
        const auto bytes = bytes_of(ref, reply);
        if (!bytes) return fail(bytes.error());
        if (!bytes->empty()) tail.push_back({bytes->data(), bytes->size()});
        tail_bytes += bytes->size();
        return wire::tail_tensor(ref.dtype, ref.shape, tail_bytes - bytes->size(), bytes->size(),
                                 scratch.get());
      });
  if (!done) return fail(done.error());
  std::string text = open_infer(style);
  text += json::serialize(value);
  auto message = finish(close_infer(std::move(text), reply), style, tail_bytes);
  if (!message) return message;
  if (tail_bytes <= kCopiedTail) {
    for (const iovec& part : tail) {
      message->head.append(static_cast<const char*>(part.iov_base), part.iov_len);
    }
    return message;
  }
  message->tail = std::move(tail);
  message->keep.push_back(reply.result);
  return message;
}

Result<OutMessage> as_base64(const InferReply& reply, const ReplyStyle& style, std::size_t bytes) {
  if (auto fits = check_size(bytes / 3 * 4, style); !fits) return fail(fits.error());
  Status checked;
  std::string text = open_infer(style, base64_encoded_size(bytes));
  wire::append_json_with_base64(text, reply.result->result, [&](const wire::TensorRef& ref) {
    const auto found = bytes_of(ref, reply);
    if (!found) checked = fail(found.error());
    return found ? std::optional<std::span<const std::byte>>(*found) : std::nullopt;
  });
  if (!checked) return fail(checked.error());
  return finish(close_infer(std::move(text), reply), style);
}

std::size_t tensor_bytes(const json::value& value) {
  if (wire::looks_like_tensor(value)) {
    const auto ref = wire::parse_tensor(value);
    return ref ? ref->bytes : 0;
  }
  std::size_t sum = 0;
  if (const auto* array = value.if_array()) {
    for (const auto& item : *array) sum += tensor_bytes(item);
  } else if (const auto* object = value.if_object()) {
    for (const auto& member : *object) sum += tensor_bytes(member.value());
  }
  return sum;
}

}  // namespace

Result<OutMessage> make_reply(json::object body, std::string_view request_id,
                              const ReplyStyle& style) {
  std::string text = room_for_head(style);
  text += json::serialize(body);
  if (!request_id.empty()) {
    text.pop_back();
    if (body.empty()) {
      text += fmt::format(R"("request_id":{})", request_id);
    } else {
      append_request_id(text, request_id);
    }
    text += '}';
  }
  return finish(std::move(text), style);
}

json::object error_body(const Error& error, const ReplyStyle& style) {
  json::object body{{"error", valid_utf8(error.message)}};
  if (!style.with_code) return body;
  body["code"] = wire_name(error.code);
  if (error.retry_after) body["retry_after_ms"] = error.retry_after->count();
  return body;
}

std::size_t base64_bytes(const InferReply& reply, const ReplyStyle& style) {
  if (reply.output || style.layout == wire::Layout::kTail) return 0;
  return tensor_bytes(reply.result->result);
}

Result<OutMessage> make_infer_reply(const InferReply& reply, const ReplyStyle& style) {
  if (reply.output) return in_client_region(reply, style);
  if (style.layout == wire::Layout::kTail) return in_tail(reply, style);
  return as_base64(reply, style, tensor_bytes(reply.result->result));
}

}  // namespace npu::manager

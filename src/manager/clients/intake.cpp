#include "manager/clients/intake.hpp"

#include <algorithm>
#include <cstring>
#include <optional>

#include <fmt/format.h>

#include "manager/clients/request_fields.hpp"
#include "tensor/base64.hpp"
#include "wire/tensor_json.hpp"

namespace npu::manager {
namespace json = boost::json;
namespace {

constexpr std::size_t kAlignment = 16;  // every dtype's, and small beside a tensor's JSON

std::size_t aligned(std::size_t bytes) {
  return (bytes + kAlignment - 1) / kAlignment * kAlignment;
}

// Moves the tensors of one frame to where workers can read them.
class Placer {
 public:
  Placer(const IntakeSource& source, std::span<const std::byte> tail, Intake& intake)
      : source_(source), tail_(tail), intake_(intake) {}

  Result<json::value> operator()(const wire::TensorRef& ref) {
    if (const auto* base64 = std::get_if<wire::InBase64>(&ref.place)) return decode(ref, *base64);
    if (const auto* tail = std::get_if<wire::InTail>(&ref.place)) return from_tail(ref, *tail);
    return from_region(ref, std::get<wire::InRegion>(ref.place));
  }

 private:
  Result<json::value> decode(const wire::TensorRef& ref, const wire::InBase64& base64) {
    if (auto ready = need_slab(); !ready) return fail(ready.error());
    const std::size_t at = used_;
    if (!wire::within(at, ref.bytes, slab_->bytes().size())) {
      return fail(ErrorCode::kInternal, "the tensors take more room than the message");
    }
    if (auto backed = slab_->back(at + ref.bytes); !backed) return fail(backed.error());
    if (auto done = base64_decode(base64.text, slab_->bytes().subspan(at, ref.bytes)); !done) {
      return fail(done.error());
    }
    used_ = aligned(at + ref.bytes);
    return place(ref, slab_, at);
  }

  Result<json::value> from_tail(const wire::TensorRef& ref, const wire::InTail& tail) {
    if (source_.layout != wire::Layout::kTail) {
      return fail(ErrorCode::kInvalidArgument, "a tensor in the tail needs the feature tail");
    }
    if (!wire::within(tail.offset, tail.size, tail_.size())) {
      return fail(ErrorCode::kInvalidArgument,
                  fmt::format("tensor tail [{}, {}] is outside the {} bytes of the frame's tail",
                              tail.offset, tail.size, tail_.size()));
    }
    if (source_.payload_slab) {
      const auto start = static_cast<std::size_t>(tail_.data() - source_.payload.bytes.data());
      return place(ref, source_.payload_slab, start + tail.offset);
    }
    if (!tail_at_) {
      if (auto ready = need_slab(); !ready) return fail(ready.error());
      if (!wire::within(used_, tail_.size(), slab_->bytes().size())) {
        return fail(ErrorCode::kInternal, "the tensors take more room than the message");
      }
      if (auto backed = slab_->back(used_ + tail_.size()); !backed) return fail(backed.error());
      std::memcpy(slab_->bytes().data() + used_, tail_.data(), tail_.size());
      tail_at_ = used_;
      used_ = aligned(used_ + tail_.size());
    }
    return place(ref, slab_, *tail_at_ + tail.offset);
  }

  Result<json::value> from_region(const wire::TensorRef& ref, const wire::InRegion& at) {
    if (source_.regions == nullptr) {
      return fail(ErrorCode::kInvalidArgument, "a tensor in a region needs the feature shm");
    }
    const auto found = source_.regions->find(at.region);
    if (found == source_.regions->end()) {
      return fail(ErrorCode::kInvalidArgument, fmt::format("there is no region {}", at.region));
    }
    const std::size_t size = found->second->bytes().size();
    if (!wire::within(at.offset, ref.bytes, size)) {
      return fail(ErrorCode::kInvalidArgument,
                  fmt::format("tensor of {} bytes at offset {} is outside region {} of {} bytes",
                              ref.bytes, at.offset, at.region, size));
    }
    return place(ref, found->second, at.offset);
  }

  json::value place(const wire::TensorRef& ref, const RegionPtr& region, std::size_t offset) {
    if (std::ranges::find(intake_.regions, region) == intake_.regions.end()) {
      intake_.regions.push_back(region);
    }
    return wire::region_tensor(ref.dtype, ref.shape, static_cast<std::int64_t>(region->number()),
                               offset, source_.memory);
  }

  Status need_slab() {
    if (slab_) return {};
    auto slab = source_.take_slab(slab_bound(source_.payload.bytes.size()));
    if (!slab) return fail(slab.error());
    slab_ = std::move(*slab);
    intake_.regions.push_back(slab_);
    return {};
  }

  const IntakeSource& source_;
  std::span<const std::byte> tail_;
  Intake& intake_;
  RegionPtr slab_;
  std::size_t used_ = 0;
  std::optional<std::size_t> tail_at_;
};

// Taken out of the body; null where it is absent or the action is another.
json::value take_input(json::object& body) {
  const auto* action = body.if_contains("action");
  auto* input = body.if_contains("input_data");
  const bool infers = action != nullptr && action->is_string() && action->get_string() == "infer";
  if (!infers || input == nullptr) return nullptr;
  json::value taken = std::move(*input);
  body.erase("input_data");
  return taken;
}

// The ids out of the body, as far as they are sound.
Status take_ids(Intake& intake, std::string_view text) {
  auto id = id_of(intake.body, "request_id", text);
  if (!id) return fail(std::move(id.error()));
  intake.request_id = std::move(*id);
  auto other = id_of(intake.body, "request_id_to_cancel", text);
  if (!other) return fail(std::move(other.error()));
  intake.id_to_cancel = std::move(*other);
  return {};
}

}  // namespace

std::size_t json_bytes(std::span<const std::byte> payload, wire::Layout layout) {
  if (layout == wire::Layout::kJson || payload.size() < wire::kHeaderBytes) return payload.size();
  return std::min(payload.size(), wire::decode_length(payload.first<wire::kHeaderBytes>()));
}

Result<Intake> take_in(const IntakeSource& source) {
  auto message =
      wire::parse_request(source.payload.bytes, source.layout, source.stop, {}, source.memory);
  if (!message) return fail(message.error());
  Intake intake{.body = std::move(message->body)};
  intake.sound = std::move(message->numbers);
  if (auto ids = take_ids(intake, message->text); !ids) intake.sound = std::move(ids);
  json::value input = take_input(intake.body);
  if (message->text.size() > kInlineJson) {
    if (auto kept = keep_fields(intake.body); !kept) intake.sound = std::move(kept);
  }
  if (!intake.sound || input.is_null()) return intake;
  intake.has_input = true;
  if (!input.is_object()) {
    intake.tensors = fail(ErrorCode::kInvalidArgument, "input_data must be an object");
    return intake;
  }
  Placer placer(source, message->tail, intake);
  for (auto& member : input.get_object()) {
    intake.tensors = wire::transform_tensors(member.value(), std::ref(placer));
    if (!intake.tensors) return intake;
  }
  intake.input = json::serialize(input);
  return intake;
}

}  // namespace npu::manager

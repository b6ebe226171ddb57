#include "services/detect/frigate/message.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "json/fields.hpp"
#include "json/parse.hpp"
#include "json/write.hpp"

namespace npu::detect::frigate {
namespace json = boost::json;
namespace {

constexpr std::int64_t kMaxSide = 4096;
constexpr std::size_t kMaxHeaderBytes = 4096;
constexpr npu::json::Limits kHeader{.depth = 4, .values = 64, .text_bytes = kMaxHeaderBytes};

Result<Frame> read_frame(npu::json::Fields& header, std::string_view pixels) {
  constexpr const char* kWanted =
      "shape [1, height, width, 3]: in Frigate's `model` say input_tensor: nhwc, "
      "input_pixel_format: rgb and input_dtype: int";
  std::array<std::int64_t, 4> shape{};
  const json::array* const list = header.list("shape");
  if (list == nullptr || list->size() != shape.size()) {
    return fail(ErrorCode::kInvalidArgument, fmt::format("a frame must have {}", kWanted));
  }
  for (std::size_t i = 0; i < shape.size(); ++i) {
    const auto* const side = list->at(i).if_int64();
    if (side == nullptr || *side < 1 || *side > kMaxSide) {
      return fail(ErrorCode::kInvalidArgument,
                  fmt::format("the sides of a frame must be in 1..{}", kMaxSide));
    }
    shape[i] = *side;
  }
  const bool planar = shape[3] != 3;
  if (shape[0] != 1 || (planar && shape[1] != 3)) {
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("a frame of shape [{}] cannot be used, only one of {}",
                            fmt::join(shape, ", "), kWanted));
  }
  if (const auto dtype = header.text("dtype"); dtype != "uint8") {
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("a frame of dtype {} cannot be used: in Frigate's `model` say "
                            "input_dtype: int",
                            dtype.value_or("?")));
  }
  const media::Size size =
      planar ? media::Size{static_cast<int>(shape[3]), static_cast<int>(shape[2])}
             : media::Size{static_cast<int>(shape[2]), static_cast<int>(shape[1])};
  const std::size_t bytes = media::Image::bytes_of(size.width, size.height, 3);
  if (pixels.size() != bytes) {
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("a frame of {} x {} pixels has {} bytes, {} came", size.width,
                            size.height, bytes, pixels.size()));
  }
  return Frame{size, planar, pixels};
}

std::string_view stem(std::string_view name) {
  name.remove_prefix(name.rfind('/') + 1);
  return name.substr(0, name.rfind('.'));
}

}  // namespace

Result<Message> read_message(std::span<const std::string_view> parts) {
  if (parts.empty() || parts[0].size() > kMaxHeaderBytes) {
    return fail(
        ErrorCode::kMalformed,
        fmt::format("a message must begin with a header of at most {} bytes", kMaxHeaderBytes));
  }
  const auto parsed = npu::json::parse(parts[0], kHeader);
  if (!parsed || !parsed->is_object()) {
    return fail(ErrorCode::kMalformed, fmt::format("the header must be a JSON object, {}",
                                                   parsed ? "it is not" : parsed.error().message));
  }
  npu::json::Fields header(parsed->get_object());
  const bool asks = header.flag("model_request").value_or(false);
  const bool brings = header.flag("model_data").value_or(false);
  if (asks || brings) {
    const auto name = header.text("model_name");
    if (!name) return fail(ErrorCode::kInvalidArgument, "the header must have a model_name");
    if (asks) return ModelQuestion{std::string(*name)};
    return ModelBytes{std::string(*name)};
  }
  if (parts.size() != 2) {
    return fail(
        ErrorCode::kMalformed,
        fmt::format("a frame must come in two parts, header and pixels; {} came", parts.size()));
  }
  auto frame = read_frame(header, parts[1]);
  if (!frame) return fail(frame.error());
  return *frame;
}

std::string rows_of(std::span<const Found> found, media::Size frame) {
  std::array<float, kRows * kColumns> rows{};
  const auto share = [](double at, int side) { return static_cast<float>(at / side); };
  float* row = rows.data();
  for (const Found& one : found.first(std::min(found.size(), kRows))) {
    *row++ = static_cast<float>(one.label);
    *row++ = one.score;
    *row++ = share(one.box.from.y, frame.height);
    *row++ = share(one.box.from.x, frame.width);
    *row++ = share(one.box.to.y, frame.height);
    *row++ = share(one.box.to.x, frame.width);
  }
  std::string bytes(kReplyBytes, '\0');
  std::memcpy(bytes.data(), rows.data(), bytes.size());
  return bytes;
}

bool is_model(std::string_view asked, std::string_view ours) {
  return !asked.empty() && (asked == ours || stem(asked) == stem(ours));
}

std::string answer_to_question(bool available, bool loaded) {
  return npu::json::write({{"model_available", available}, {"model_loaded", loaded}});
}

std::string answer_to_bytes() {
  return npu::json::write(
      {{"model_saved", false},
       {"model_loaded", false},
       {"message", "models are not taken from clients: `hailoctl pull` brings one"}});
}

}  // namespace npu::detect::frigate

#include <algorithm>
#include <charconv>
#include <chrono>

#include <fmt/format.h>

#include "cli/files.hpp"
#include "cli/infer_files.hpp"
#include "json/parse.hpp"
#include "media/image_decode.hpp"
#include "media/npy.hpp"

namespace npu::cli {
namespace json = boost::json;
namespace {

constexpr int kMaxSide = 16384;
constexpr std::chrono::minutes kPatience{10};  // for decoding one's own picture

struct TypeRow {
  std::string_view type;
  std::string_view input;
  PictureSize size;
};

// Sizes of the published networks.
constexpr TypeRow kTypes[] = {
    {"depth", "input", {320, 256}},
    {"detect", "input", {640, 640}},
    {"pose", "input", {640, 640}},
    {"segment", "input", {640, 640}},
    {"face", "input", {640, 640}},
    {"clip", "tensor", {224, 224}},
    {"ocr", "image", {960, 544}},
    {"vlm_chat", "frames", {336, 336}},
    {"vlm", "frames", {336, 336}},
    {"whisper", "audio", {0, 0}},
    {"llm", "", {0, 0}},
};

TypeRow row_of(const std::string& type) {
  for (const auto& row : kTypes) {
    if (row.type == type) return row;
  }
  return {type, "input", {0, 0}};
}

Result<ClientTensor> tensor_from_npy(BlockingDeviceClient& client, std::span<const std::byte> bytes,
                                     const std::string& file) {
  const auto view = media::decode_npy(bytes);
  if (!view) return fail(view.error().code, fmt::format("{}: {}", file, view.error().message));
  auto tensor = client.allocate(view->dtype, view->shape);
  if (tensor) std::copy_n(view->data.data(), view->data.size(), tensor->writable().data());
  return tensor;
}

Result<ClientTensor> tensor_from_picture(BlockingDeviceClient& client,
                                         std::span<const std::byte> bytes, const std::string& file,
                                         PictureSize size) {
  const media::DecodeOptions options{.apply_orientation = true, .cpu_time = kPatience};
  const auto failed = [&](const Error& error) {
    return fail(error.code, fmt::format("{}: {}", file, error.message));
  };
  media::Image whole;
  if (size.width == 0) {
    auto picture = media::decode_image(bytes, options);
    if (!picture) return failed(picture.error());
    whole = std::move(*picture);
    size = {whole.width(), whole.height()};
  }
  auto tensor = client.allocate(DType::kUint8, {size.height, size.width, 3});
  if (!tensor) return tensor;
  const auto out = tensor->writable();
  if (!whole.empty()) {
    const auto pixels = std::as_bytes(whole.pixels());
    std::copy_n(pixels.data(), pixels.size(), out.data());
    return tensor;
  }
  const auto resized =
      media::decode_resized(bytes, options, {size.width, size.height},
                            {reinterpret_cast<std::uint8_t*>(out.data()), out.size()});
  if (!resized) return failed(resized.error());
  return tensor;
}

// A conversation of one message, which shows the picture first.
json::value as_conversation(json::value text, bool picture) {
  json::array parts;
  if (picture) parts.push_back(json::object{{"type", "image"}});
  parts.push_back(json::object{{"type", "text"}, {"text", std::move(text)}});
  return json::array{json::object{{"role", "user"}, {"content", std::move(parts)}}};
}

// Whether this is prompt=TEXT for a chat, and not a JSON string, which is the whole prompt.
bool is_question(const TypeRow& row, const std::string& field) {
  return (row.input == "frames" || row.type == "llm") && field.starts_with("prompt=") &&
         !field.starts_with("prompt=\"");
}

}  // namespace

Result<PictureSize> parse_size(const std::string& text) {
  PictureSize size;
  const char* end = text.data() + text.size();
  const auto width = std::from_chars(text.data(), end, size.width);
  const bool separated = width.ec == std::errc() && width.ptr != end && *width.ptr == 'x';
  const auto height = separated ? std::from_chars(width.ptr + 1, end, size.height) : width;
  if (!separated || height.ec != std::errc() || height.ptr != end || size.width < 1 ||
      size.height < 1 || size.width > kMaxSide || size.height > kMaxSide) {
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("must be WIDTHxHEIGHT, for example 640x480, got '{}'", text));
  }
  return size;
}

Result<std::pair<std::string, json::value>> parse_field(const std::string& text) {
  const auto equals = text.find('=');
  if (equals == std::string::npos || equals == 0) {
    return fail(ErrorCode::kInvalidArgument, fmt::format("must be NAME=VALUE, got '{}'", text));
  }
  const std::string value = text.substr(equals + 1);
  auto parsed = npu::json::parse(value);
  return std::pair(text.substr(0, equals), parsed ? std::move(*parsed) : json::value(value));
}

Result<InferInput> make_input(BlockingDeviceClient& client, const std::string& type,
                              const InputArguments& arguments) {
  const TypeRow row = row_of(type);
  InferInput input;
  if (type == "clip") input.field("mode", "image");
  if (type == "ocr") input.field("mode", "detection");
  if (!arguments.file.empty()) {
    const auto bytes = read_file(arguments.file);
    if (!bytes) return fail(bytes.error());
    auto tensor = ending_of(arguments.file) == ".npy"
                      ? tensor_from_npy(client, *bytes, arguments.file)
                      : tensor_from_picture(client, *bytes, arguments.file,
                                            arguments.size.value_or(row.size));
    if (!tensor) return fail(tensor.error());
    const std::string name = arguments.name.empty() ? std::string(row.input) : arguments.name;
    if (name == "frames" || name == "crops") {
      input.tensors(name, {std::move(*tensor)});
    } else {
      input.tensor(name, std::move(*tensor));
    }
  }
  for (const auto& text : arguments.fields) {
    auto field = parse_field(text);
    if (!field) return fail(field.error());
    if (field->second.is_string() && is_question(row, text)) {
      field->second = as_conversation(std::move(field->second), !arguments.file.empty());
    }
    input.field(field->first, field->second);
  }
  return input;
}

}  // namespace npu::cli

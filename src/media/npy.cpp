#include "media/npy.hpp"

#include <array>
#include <charconv>
#include <optional>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "media/byte_reader.hpp"

namespace npu::media {
namespace {

using std::string_view_literals::operator""sv;

constexpr std::string_view kMagic = "\x93NUMPY"sv;

constexpr std::array<std::pair<DType, std::string_view>, 10> kDescriptors{{
    {DType::kUint8, "|u1"},
    {DType::kInt8, "|i1"},
    {DType::kUint16, "<u2"},
    {DType::kInt16, "<i2"},
    {DType::kInt32, "<i4"},
    {DType::kInt64, "<i8"},
    {DType::kFloat16, "<f2"},
    {DType::kFloat32, "<f4"},
    {DType::kFloat64, "<f8"},
    {DType::kBool, "|b1"},
}};

std::string_view descriptor_of(DType dtype) {
  for (const auto& [type, text] : kDescriptors) {
    if (type == dtype) return text;
  }
  return "|V1";
}

tl::unexpected<Error> malformed(std::string_view what) {
  return fail(ErrorCode::kMalformed, fmt::format("the .npy file is broken: {}", what));
}

std::string_view skip_blanks(std::string_view text) {
  return text.substr(std::min(text.find_first_not_of(" \t\n"), text.size()));
}

// What follows 'key': in the header's dictionary.
std::optional<std::string_view> value_of(std::string_view header, std::string_view key) {
  for (const char quote : {'\'', '"'}) {
    const std::string quoted = quote + std::string(key) + quote;
    const auto at = header.find(quoted);
    if (at == std::string_view::npos) continue;
    auto rest = skip_blanks(header.substr(at + quoted.size()));
    if (!rest.starts_with(':')) return std::nullopt;
    return skip_blanks(rest.substr(1));
  }
  return std::nullopt;
}

Result<Shape> parse_shape(std::string_view text) {
  if (!text.starts_with('(')) return malformed("no shape");
  text = skip_blanks(text.substr(1));
  Shape shape;
  while (!text.starts_with(')')) {
    std::int64_t size = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), size);
    if (error != std::errc() || size < 0 || shape.size() == kMaxRank)
      return malformed("a bad shape");
    shape.push_back(size);
    text = skip_blanks(text.substr(static_cast<std::size_t>(end - text.data())));
    if (text.starts_with(',')) {
      text = skip_blanks(text.substr(1));
    } else if (!text.starts_with(')')) {
      return malformed("a bad shape");
    }
  }
  return shape;
}

Result<DType> parse_descriptor(std::string_view text) {
  const auto quoted = text.substr(0, std::min<std::size_t>(text.size(), 5));
  for (const auto& [type, name] : kDescriptors) {
    if (quoted.size() == 5 && quoted.substr(1, 3) == name && quoted[0] == quoted[4]) return type;
  }
  return fail(ErrorCode::kUnsupported, "the .npy file's dtype is not supported");
}

}  // namespace

std::string npy_header(DType dtype, const Shape& shape) {
  std::string dictionary =
      fmt::format("{{'descr': '{}', 'fortran_order': False, 'shape': ({}{}), }}",
                  descriptor_of(dtype), fmt::join(shape, ", "), shape.size() == 1 ? "," : "");
  constexpr std::size_t kFixed = 10;  // magic, version, length
  const std::size_t total = (kFixed + dictionary.size() + 1 + 63) / 64 * 64;
  dictionary.resize(total - kFixed - 1, ' ');
  dictionary += '\n';
  std::string out(kMagic);
  out += '\x01';
  out += '\x00';
  out += static_cast<char>(dictionary.size() & 0xff);
  out += static_cast<char>(dictionary.size() >> 8);
  return out + dictionary;
}

std::string encode_npy(const TensorView& tensor) {
  std::string out = npy_header(tensor.dtype, tensor.shape);
  out.append(reinterpret_cast<const char*>(tensor.data.data()), tensor.data.size());
  return out;
}

Result<TensorView> decode_npy(std::span<const std::byte> file, const NpyLimits& limits) {
  const ByteReader in(file, false);
  if (!in.has(0, kMagic)) return malformed("it does not begin as one");
  const auto major = in.u8(6);
  if (!major || *major < 1 || *major > 3) return malformed("an unknown version");
  const auto length = *major == 1 ? in.u16(8) : in.u32(8);
  const std::size_t begin = *major == 1 ? 10 : 12;
  if (!length || *length > file.size() - begin) return malformed("it is truncated");
  const std::string_view header(reinterpret_cast<const char*>(file.data()) + begin, *length);

  const auto descriptor = value_of(header, "descr");
  const auto order = value_of(header, "fortran_order");
  const auto shape_text = value_of(header, "shape");
  if (!descriptor || !order || !shape_text) return malformed("its header lacks a field");
  const auto dtype = parse_descriptor(*descriptor);
  if (!dtype) return fail(dtype.error());
  if (!order->starts_with("False")) {
    return fail(ErrorCode::kUnsupported, "the .npy file's array is in Fortran order");
  }
  auto shape = parse_shape(*shape_text);
  if (!shape) return fail(shape.error());
  const auto bytes = byte_size(*dtype, *shape);
  if (!bytes) return malformed("a bad shape");
  if (*bytes > limits.max_bytes) {
    return fail(ErrorCode::kTooLarge,
                fmt::format("the array may have at most {} bytes", limits.max_bytes));
  }
  const auto data = file.subspan(begin + *length);
  if (data.size() != *bytes) return malformed("it does not have as many bytes as its shape says");
  return TensorView{*dtype, std::move(*shape), data};
}

}  // namespace npu::media

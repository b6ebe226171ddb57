#include "media/npy.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <vector>

#include <gtest/gtest.h>
#include <zlib.h>

namespace npu::media {
namespace {

using std::string_view_literals::operator""sv;

std::span<const std::byte> bytes_of(std::string_view text) {
  return std::as_bytes(std::span(text.data(), text.size()));
}

const std::array<float, 6> kValues{1.0F, -2.5F, 0.0F, 3.0F, 1e20F, 7.0F};
const TensorView kTensor{DType::kFloat32, {2, 3}, std::as_bytes(std::span(kValues))};

TEST(Npy, The_header_is_what_numpy_writes) {
  const std::string begin(
      "\x93NUMPY\x01\x00v\x00{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }"sv);
  EXPECT_EQ(npy_header(DType::kFloat32, {2, 3}),
            begin + std::string(128 - begin.size() - 1, ' ') + "\n");
  EXPECT_EQ(npy_header(DType::kUint8, {5}).size() % 64, 0U);
  EXPECT_NE(npy_header(DType::kUint8, {5}).find("(5,)"), std::string::npos);
  EXPECT_NE(npy_header(DType::kUint8, {}).find("()"), std::string::npos);
}

TEST(Npy, What_is_encoded_comes_back) {
  for (const Shape& shape : {Shape{2, 3}, Shape{6}, Shape{1, 6, 1}}) {
    const std::string file = encode_npy({DType::kFloat32, shape, kTensor.data});
    const auto back = decode_npy(bytes_of(file));
    ASSERT_TRUE(back) << back.error().message;
    EXPECT_EQ(back->dtype, DType::kFloat32);
    EXPECT_EQ(back->shape, shape);
    EXPECT_EQ(std::memcmp(back->data.data(), kValues.data(), sizeof(kValues)), 0);
  }
}

TEST(Npy, Every_truncation_and_surplus_is_malformed) {
  const std::string file = encode_npy(kTensor);
  for (std::size_t size = 0; size < file.size(); ++size) {
    EXPECT_FALSE(decode_npy(bytes_of(std::string_view(file).substr(0, size)))) << size;
  }
  EXPECT_FALSE(decode_npy(bytes_of(file + "x")));
}

std::string with_header(std::string dictionary) {
  dictionary += '\n';
  std::string out("\x93NUMPY\x01\x00"sv);
  out += static_cast<char>(dictionary.size());
  out += '\0';
  return out + dictionary;
}

TEST(Npy, Hostile_headers_are_refused) {
  for (const char* header :
       {"{'descr': '<f4', 'fortran_order': True, 'shape': (0,), }",
        "{'descr': '>f4', 'fortran_order': False, 'shape': (0,), }",
        "{'descr': '|O', 'fortran_order': False, 'shape': (0,), }",
        "{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (0,), }",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (-1,), }",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (9223372036854775807, 9), }",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999999999999,), }",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (1,1,1,1,1,1,1,1,0), }",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (0 0), }",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (", "{'descr':", "{}", ""}) {
    EXPECT_FALSE(decode_npy(bytes_of(with_header(header)))) << header;
  }
  EXPECT_TRUE(decode_npy(
      bytes_of(with_header("{\"descr\": \"<f4\", 'shape': (0,7), 'fortran_order': False}"))));
}

TEST(Npy, The_size_limit_holds) {
  const auto refused = decode_npy(bytes_of(encode_npy(kTensor)), {.max_bytes = 23});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kTooLarge);
}

std::string npz_of(const TensorView& tensor, std::size_t piece) {
  std::string file;
  NpzEncoder encoder("depth", tensor.dtype, tensor.shape, [&](std::span<const std::byte> bytes) {
    file.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  });
  for (auto rest = tensor.data; !rest.empty();) {
    const auto part = rest.first(std::min(piece, rest.size()));
    encoder.add(part);
    rest = rest.subspan(part.size());
  }
  encoder.finish();
  return file;
}

std::uint32_t little32(const std::string& file, std::size_t at) {
  std::uint32_t value = 0;
  std::memcpy(&value, file.data() + at, sizeof value);
  return value;
}

TEST(Npz, The_deflated_entry_is_the_npy_file) {
  std::string file = npz_of(kTensor, 5);
  EXPECT_TRUE(file.starts_with("PK\x03\x04"));
  EXPECT_EQ(file.substr(30, 9), "depth.npy");
  std::string out(1000, '\0');
  z_stream stream{};
  ASSERT_EQ(::inflateInit2(&stream, -MAX_WBITS), Z_OK);
  stream.next_in = reinterpret_cast<Bytef*>(file.data() + 39);
  stream.avail_in = static_cast<uInt>(file.size() - 39);
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  EXPECT_EQ(::inflate(&stream, Z_FINISH), Z_STREAM_END);
  out.resize(stream.total_out);
  const auto packed = static_cast<std::uint32_t>(stream.total_in);
  ::inflateEnd(&stream);
  EXPECT_EQ(out, encode_npy(kTensor));

  // What stands behind the data, and the directory, which readers go by.
  const std::size_t behind = 39 + packed;
  EXPECT_EQ(file.substr(behind, 4), "PK\x07\x08");
  const std::size_t end = file.size() - 22;
  EXPECT_EQ(file.substr(end, 4), "PK\x05\x06");
  const std::size_t directory = little32(file, end + 16);
  EXPECT_EQ(directory, behind + 16);
  EXPECT_EQ(directory + little32(file, end + 12), end);
  EXPECT_EQ(file.substr(directory, 4), "PK\x01\x02");
  for (const std::size_t sizes : {behind + 4, directory + 16}) {
    EXPECT_EQ(little32(file, sizes), crc32(0, std::as_bytes(std::span(out))));
    EXPECT_EQ(little32(file, sizes + 4), packed);
    EXPECT_EQ(little32(file, sizes + 8), out.size());
  }
}

TEST(Npz, What_might_reach_four_gigabytes_is_refused) {
  EXPECT_TRUE(NpzEncoder::check("depth", DType::kFloat32, {10'000, 50'000}));
  EXPECT_EQ(NpzEncoder::check("depth", DType::kFloat32, {40'000, 30'000}).error().code,
            ErrorCode::kTooLarge);
  EXPECT_FALSE(NpzEncoder::check("depth", DType::kFloat32, {-1}));
}

}  // namespace
}  // namespace npu::media

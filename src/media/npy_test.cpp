#include "media/npy.hpp"

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

TEST(Npz, The_deflated_entry_is_the_npy_file) {
  std::string file = "before";
  ASSERT_TRUE(append_npz(file, "depth", kTensor.dtype, kTensor.shape, [] { return kTensor.data; }));
  file.erase(0, 6);
  EXPECT_LE(file.size(), npz_bound("depth", kTensor.dtype, kTensor.shape));
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
  ::inflateEnd(&stream);
  EXPECT_EQ(out, encode_npy(kTensor));
}

TEST(Npz, An_array_of_another_size_than_announced_is_an_error) {
  std::string file;
  EXPECT_FALSE(append_npz(file, "depth", kTensor.dtype, {1000}, [] { return kTensor.data; }));
  EXPECT_FALSE(append_npz(file, "depth", kTensor.dtype, kTensor.shape,
                          [] { return std::span<const std::byte>(); }));
}

}  // namespace
}  // namespace npu::media

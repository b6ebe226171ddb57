#include "store/sha256.hpp"

#include <filesystem>
#include <fstream>
#include <string_view>

#include <gtest/gtest.h>
#include <unistd.h>

namespace npu::store {
namespace {

std::string sum(std::string_view text, std::size_t pieces) {
  Sha256 hash;
  for (std::size_t at = 0; at < text.size(); at += pieces) {
    const std::string_view piece = text.substr(at, pieces);
    hash.add(std::as_bytes(std::span(piece.data(), piece.size())));
  }
  return hash.finish();
}

// The examples of FIPS 180-4, and the lengths around a block.
TEST(Sha256, The_published_examples_come_out) {
  EXPECT_EQ(sum("", 1), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(sum("abc", 3), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(sum("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", 56),
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  EXPECT_EQ(sum(std::string(1'000'000, 'a'), 1000),
            "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST(Sha256, The_pieces_do_not_matter) {
  for (const std::size_t length : {55, 56, 63, 64, 65, 119, 120, 128, 1000}) {
    const std::string text(length, 'x');
    for (const std::size_t pieces : {1, 7, 64, 65}) EXPECT_EQ(sum(text, pieces), sum(text, length));
  }
  EXPECT_NE(sum(std::string(64, 'x'), 64), sum(std::string(65, 'x'), 65));
}

TEST(Sha256, A_file_is_read_whole) {
  const std::filesystem::path path =
      std::filesystem::temp_directory_path() / ("sha256-" + std::to_string(::getpid()));
  EXPECT_EQ(sha256_of_file(path).error().code, ErrorCode::kNotFound);
  std::ofstream(path) << std::string(3'000'000, 'a');
  EXPECT_EQ(sha256_of_file(path), sum(std::string(3'000'000, 'a'), 3'000'000));
  std::filesystem::remove(path);
  EXPECT_EQ(sha256_of_file(std::filesystem::temp_directory_path()).error().code,
            ErrorCode::kInvalidArgument);
}

}  // namespace
}  // namespace npu::store

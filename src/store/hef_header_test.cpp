#include "store/hef_header.hpp"

#include <filesystem>
#include <fstream>
#include <string_view>

#include <gtest/gtest.h>
#include <unistd.h>

namespace npu::store {
namespace {

namespace fs = std::filesystem;
using std::string_literals::operator""s;

std::span<const std::byte> bytes_of(std::string_view text) {
  return std::as_bytes(std::span(text.data(), text.size()));
}

std::string header(std::uint32_t version, std::uint32_t length) {
  std::string text = "\x01HEF";
  for (const std::uint32_t number : {version, length}) {
    for (const int shift : {24, 16, 8, 0}) text += static_cast<char>(number >> shift);
  }
  return text;
}

std::string message(const std::string& text, std::uint64_t file_bytes) {
  const auto result = parse_hef_header(bytes_of(text), file_bytes);
  if (result) return "good";
  EXPECT_EQ(result.error().code, ErrorCode::kMalformed);
  return result.error().message;
}

TEST(HefHeader, All_versions_that_exist_are_read) {
  for (std::uint32_t version = 0; version <= 3; ++version) {
    const auto result = parse_hef_header(bytes_of(header(version, 0x010203)), 0x010203 + 12);
    ASSERT_TRUE(result) << result.error().message;
    EXPECT_EQ(result->version, version);
    EXPECT_EQ(result->description_bytes, 0x010203U);
    EXPECT_EQ(result->file_bytes, 0x010203U + 12);
  }
  EXPECT_NE(message(header(0x03000000, 10), 100).find("damaged"), std::string::npos);
}

TEST(HefHeader, A_newer_version_is_left_to_HailoRT) {
  for (const std::uint32_t length : {0U, 10U, 1000U}) {
    EXPECT_EQ(message(header(4, length), 100), "good");
  }
}

TEST(HefHeader, A_description_must_fit_into_the_file) {
  EXPECT_EQ(message(header(3, 88), 100), "good");
  EXPECT_NE(message(header(3, 89), 100).find("no complete HEF file: it has 100 bytes"),
            std::string::npos);
  EXPECT_NE(message(header(3, 0xffffffff), 1 << 20).find("4294967295"), std::string::npos);
  EXPECT_NE(message(header(3, 0), 100).find("has no length"), std::string::npos);
  EXPECT_NE(message("\x01HEF\0\0\0"s, 7).find("only 7 bytes"), std::string::npos);
}

TEST(HefHeader, Other_things_are_called_by_their_name) {
  const struct {
    std::string begins;
    const char* says;
  } kCases[] = {
      {"", "it is empty"},
      {"version https://git-lfs.github.com/spec/v1\n", "git lfs pull"},
      {"<!DOCTYPE html><html>Not found", "web page"},
      {"<html>", "web page"},
      {"\x1f\x8b\x08", "gzip"},
      {"PK\x03\x04", "zip archive"},
      {"\x08\x07\x12\x07pytorch", "ONNX"},
      {"\0\0\0\0\0\0\0\0\0\0\0\0"s, "not finished"},
      {"\x46\x45\x48\x01\0\0\0\0\0\0\0\0"s, "no HEF file"},  // the wrong byte order
      {"something else", "no HEF file"},
  };
  for (const auto& one : kCases) {
    EXPECT_NE(message(one.begins, one.begins.size()).find(one.says), std::string::npos)
        << one.says << " not in: " << message(one.begins, one.begins.size());
  }
}

TEST(HefHeader, Files_that_cannot_be_read_are_named) {
  const fs::path folder = fs::temp_directory_path() / ("hef-header-" + std::to_string(::getpid()));
  fs::create_directories(folder);
  const std::string path = folder / "model.hef";
  EXPECT_EQ(read_hef_header(path).error().code, ErrorCode::kNotFound);
  EXPECT_NE(read_hef_header(path).error().message.find(path), std::string::npos);
  EXPECT_EQ(read_hef_header(folder).error().code, ErrorCode::kInvalidArgument);
  std::ofstream(path, std::ios::binary) << header(2, 5) << "12345 and more";
  const auto result = read_hef_header(path);
  ASSERT_TRUE(result) << result.error().message;
  EXPECT_EQ(result->version, 2U);
  EXPECT_EQ(result->file_bytes, 26U);
  fs::remove_all(folder);
}

}  // namespace
}  // namespace npu::store

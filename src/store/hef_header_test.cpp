#include "store/hef_header.hpp"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>
#include <unistd.h>

namespace npu::store {
namespace {

namespace fs = std::filesystem;
using std::string_literals::operator""s;

std::span<const std::byte> bytes_of(std::string_view text) {
  return std::as_bytes(std::span(text.data(), text.size()));
}

template <class Number>
std::string big_endian(Number number) {
  std::string text;
  for (int shift = 8 * sizeof(Number) - 8; shift >= 0; shift -= 8) {
    text += static_cast<char>(number >> shift);
  }
  return text;
}

// A header as each version has it; checksums are not looked at.
std::string header(std::uint32_t version, std::uint32_t description, std::uint64_t weights = 0,
                   std::uint64_t resources = 0) {
  std::string text = "\x01HEF" + big_endian(version) + big_endian(description);
  const auto unread = [&](std::size_t bytes) { text.append(bytes, '?'); };
  switch (version) {
    case 0: unread(20); break;
    case 1:
      unread(4);
      text += big_endian(weights);
      unread(4);
      break;
    case 2:
      unread(8);
      text += big_endian(weights);
      unread(16);
      break;
    case 3:
      unread(8);
      text += big_endian(weights);
      unread(4);
      text += big_endian(resources);
      unread(16);
      break;
    default: break;
  }
  return text;
}

std::string message(const std::string& text, std::uint64_t file_bytes) {
  const auto result = parse_hef_header(bytes_of(text), file_bytes);
  if (result) return "good";
  EXPECT_EQ(result.error().code, ErrorCode::kMalformed);
  return result.error().message;
}

// The sizes of a whole file, with a description of 1,000 bytes.
struct Version {
  std::uint32_t number;
  std::uint64_t weights;
  std::uint64_t resources;
  std::uint64_t file_bytes;
};
constexpr Version kVersions[] = {
    {0, 0, 0, 1032}, {1, 300, 0, 1328}, {2, 300, 0, 1344}, {3, 300, 50, 1406}};

TEST(HefHeader, All_versions_that_exist_are_read) {
  for (const auto& version : kVersions) {
    const std::string first = header(version.number, 1000, version.weights, version.resources);
    const auto result = parse_hef_header(bytes_of(first), version.file_bytes);
    ASSERT_TRUE(result) << result.error().message;
    EXPECT_EQ(result->version, version.number);
    EXPECT_EQ(result->description_bytes, 1000U);
    EXPECT_EQ(result->file_bytes, version.file_bytes);
  }
  EXPECT_NE(message(header(0x03000000, 10), 100).find("damaged"), std::string::npos);
}

TEST(HefHeader, A_file_that_lost_its_end_is_found_in_every_version) {
  for (const auto& version : kVersions) {
    const std::string first = header(version.number, 1000, version.weights, version.resources);
    EXPECT_EQ(message(first, version.file_bytes - 1),
              "no complete HEF file: it is cut off after " +
                  std::to_string(version.file_bytes - 1) + " of " +
                  std::to_string(version.file_bytes) + " bytes; load it down again");
    const auto cut = first.substr(0, first.size() - 1);
    EXPECT_NE(message(cut, cut.size()).find("it has only"), std::string::npos);
  }
}

TEST(HefHeader, A_newer_version_is_left_to_HailoRT) {
  for (const std::uint32_t length : {0U, 10U, 1000U}) {
    EXPECT_EQ(message(header(4, length), 100), "good");
  }
}

TEST(HefHeader, Lengths_that_no_file_has_are_not_added_up_beyond_all_numbers) {
  const std::uint64_t most = ~std::uint64_t{0};
  EXPECT_NE(message(header(3, 0xffffffff), 1 << 20).find("4294967351"), std::string::npos);
  EXPECT_NE(message(header(3, 100, most, most), 1 << 20).find("18446744073709551615"),
            std::string::npos);
  EXPECT_NE(message(header(3, 100, most - 150, 200), 1 << 20).find("cut off"), std::string::npos);
  EXPECT_NE(message(header(3, 0), 100).find("has no length"), std::string::npos);
  EXPECT_NE(message("\x01HEF\0\0\0"s, 7).find("only 7 bytes"), std::string::npos);
}

// HAILO_REAL_HEFS names a folder of intact HEF files, and of one called *_truncated.hef.
TEST(HefHeader, Real_files_have_the_length_that_their_header_says) {
  const char* folder = std::getenv("HAILO_REAL_HEFS");
  if (folder == nullptr) GTEST_SKIP() << "HAILO_REAL_HEFS names no folder of real HEF files";
  for (const auto& entry : fs::directory_iterator(folder)) {
    if (entry.path().extension() != ".hef") continue;
    const bool whole = !entry.path().stem().string().ends_with("_truncated");
    EXPECT_EQ(read_hef_header(entry.path()).has_value(), whole) << entry.path();
    std::vector<char> first(kHefHeaderBytes);
    std::ifstream(entry.path(), std::ios::binary).read(first.data(), kHefHeaderBytes);
    const std::string text(first.begin(), first.end());
    EXPECT_NE(message(text, fs::file_size(entry.path()) - 1), "good") << entry.path();
  }
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
  std::ofstream(path, std::ios::binary) << header(2, 5, 4) << "12345 and more";
  const auto result = read_hef_header(path);
  ASSERT_TRUE(result) << result.error().message;
  EXPECT_EQ(result->version, 2U);
  EXPECT_EQ(result->file_bytes, 58U);
  fs::remove_all(folder);
}

}  // namespace
}  // namespace npu::store

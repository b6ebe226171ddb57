#include "store/checksum_file.hpp"

#include <filesystem>
#include <fstream>
#include <string>

#include <gtest/gtest.h>
#include <unistd.h>

namespace npu::store {
namespace {

const std::string kSomeSum(64, 'a');

class ChecksumFileTest : public testing::Test {
 protected:
  void SetUp() override { std::filesystem::create_directory(folder_); }
  void TearDown() override { std::filesystem::remove_all(folder_); }
  std::filesystem::path folder_ =
      std::filesystem::temp_directory_path() / ("checksum-" + std::to_string(::getpid()));
  std::string model_ = (folder_ / "a.hef").string();
};

TEST_F(ChecksumFileTest, Reads_what_it_recorded_in_the_form_of_sha256sum) {
  EXPECT_EQ(recorded_sha256(model_).value(), "");
  ASSERT_TRUE(record_sha256(model_, kSomeSum));
  EXPECT_EQ(recorded_sha256(model_).value(), kSomeSum);
  std::ifstream file(model_ + ".sha256");
  std::string line;
  std::getline(file, line);
  EXPECT_EQ(line, kSomeSum + "  a.hef");
}

TEST_F(ChecksumFileTest, A_record_that_says_nothing_is_no_permission) {
  for (const std::string& text : {std::string(), std::string("abc"), std::string(64, 'g')}) {
    std::ofstream(model_ + ".sha256") << text;
    EXPECT_EQ(recorded_sha256(model_).error().code, ErrorCode::kMalformed) << text;
  }
}

TEST(ParseSha256, Takes_64_digits_in_either_case) {
  EXPECT_EQ(parse_sha256(std::string(64, 'A')).value(), kSomeSum);
  EXPECT_FALSE(parse_sha256(std::string(63, 'a')));
  EXPECT_FALSE(parse_sha256(std::string(65, 'a')));
  EXPECT_FALSE(parse_sha256(std::string(64, 'x')));
}

}  // namespace
}  // namespace npu::store

#include "device/model_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <gtest/gtest.h>

#include "fakes/temp_dir.hpp"

namespace npu::device {
namespace {

class ModelFileTest : public testing::Test {
 protected:
  fakes::TempDir dir_;
};

std::string text_of(const std::vector<std::byte>& bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

TEST_F(ModelFileTest, A_path_and_a_descriptor_give_the_same_content) {
  const std::string path = dir_.file("m.onnx", "content");
  EXPECT_EQ(text_of(read_model({path}, 100).value()), "content");
  const UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  ASSERT_EQ(::lseek(fd.get(), 3, SEEK_SET), 3);
  EXPECT_EQ(text_of(read_model({"/nowhere/name.onnx", fd.get()}, 100).value()), "content");
  EXPECT_EQ(::lseek(fd.get(), 0, SEEK_CUR), 3);
}

TEST_F(ModelFileTest, What_cannot_be_a_model_is_told_apart) {
  const auto error_of = [](const ModelFile& file) { return open_model(file).error(); };
  EXPECT_EQ(error_of({dir_.path("none.hef")}).code, ErrorCode::kNotFound);
  EXPECT_EQ(error_of({dir_.path("none.hef")}).message, "there is no file none.hef");
  EXPECT_EQ(error_of({dir_.file("empty.hef", "")}).message, "empty.hef is empty");
  EXPECT_EQ(error_of({dir_.path(".")}).code, ErrorCode::kMalformed);
  EXPECT_EQ(error_of({""}).code, ErrorCode::kNotFound);
  EXPECT_EQ(error_of({"x", 1000000}).code, ErrorCode::kPermission);
}

TEST_F(ModelFileTest, A_fifo_is_refused_without_waiting_for_a_writer) {
  const std::string path = dir_.path("fifo");
  ASSERT_EQ(::mkfifo(path.c_str(), 0600), 0);
  const auto opened = open_model({path});
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().message, "fifo is not a file");
}

TEST_F(ModelFileTest, A_descriptor_without_reading_rights_is_refused) {
  const std::string path = dir_.file("m.onnx", "content");
  const UniqueFd fd(::open(path.c_str(), O_WRONLY | O_CLOEXEC));
  const auto opened = open_model({path, fd.get()});
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, ErrorCode::kPermission);
}

TEST_F(ModelFileTest, A_file_over_the_limit_is_refused_before_it_is_read) {
  const auto read = read_model({dir_.file("m.onnx", "content")}, 6);
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().code, ErrorCode::kTooLarge);
}

TEST(ModelStem, Is_the_name_without_folder_and_ending) {
  EXPECT_EQ(model_stem({"/m/yolov8s_pose.hef"}), "yolov8s_pose");
  EXPECT_EQ(model_stem({"scrfd_2.5g.hef"}), "scrfd_2.5g");
  EXPECT_EQ(model_stem({""}), "");
}

}  // namespace
}  // namespace npu::device

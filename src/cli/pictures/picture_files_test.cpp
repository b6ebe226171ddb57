#include "cli/pictures/picture_files.hpp"

#include <filesystem>

#include <gtest/gtest.h>

#include "fakes/temp_dir.hpp"

namespace npu::cli {
namespace {

using Files = std::vector<std::string>;

class PictureFiles : public testing::Test {
 protected:
  void SetUp() override {
    std::filesystem::create_directories(folder_.path("in/deeper"));
    for (const char* name : {"in/b.PNG", "in/a.jpg", "in/notes.txt", "in/deeper/c.jpg", "x[1].jpg"})
      folder_.file(name, "");
  }
  std::string at(std::string_view name) const { return folder_.path(name); }
  std::string refusal(const Files& pictures, const std::string& output) const {
    const auto files = output_files(pictures, output);
    return files ? std::string() : files.error().message;
  }

  fakes::TempDir folder_;
};

TEST_F(PictureFiles, A_folder_is_its_pictures_by_name) {
  EXPECT_EQ(*picture_files({at("in")}), (Files{at("in/a.jpg"), at("in/b.PNG")}));
  EXPECT_EQ(*picture_files({at("in/")}), (Files{at("in/a.jpg"), at("in/b.PNG")}));
}

TEST_F(PictureFiles, A_pattern_is_what_matches_unless_a_file_is_called_so) {
  EXPECT_EQ(*picture_files({at("in/*.[jP]*")}), (Files{at("in/a.jpg"), at("in/b.PNG")}));
  EXPECT_EQ(*picture_files({at("x[1].jpg")}), Files{at("x[1].jpg")});
}

TEST_F(PictureFiles, Each_is_taken_once_in_the_order_of_the_arguments) {
  EXPECT_EQ(*picture_files({at("in/b.PNG"), at("in"), at("in/../in/b.PNG")}),
            (Files{at("in/b.PNG"), at("in/a.jpg")}));
}

TEST_F(PictureFiles, What_is_not_there_is_said) {
  for (const char* name : {"none.jpg", "none*.jpg", "in/deeper/none"}) {
    const auto files = picture_files({at("in"), at(name)});
    ASSERT_FALSE(files) << name;
    EXPECT_EQ(files.error().code, ErrorCode::kNotFound);
    EXPECT_NE(files.error().message.find(at(name)), std::string::npos);
  }
  std::filesystem::create_directory(at("empty"));
  EXPECT_NE(picture_files({at("empty")}).error().message.find("no pictures"), std::string::npos);
}

TEST_F(PictureFiles, One_picture_goes_into_a_file_or_a_folder) {
  EXPECT_EQ(*output_files({"a.jpg"}, at("out.PNG")), Files{at("out.PNG")});
  EXPECT_EQ(*output_files({"p/a.png"}, at("in")), Files{at("in/a.jpg")});
  EXPECT_EQ(*output_files({"p/a.png"}, at("new/")), Files{at("new/a.jpg")});
  EXPECT_NE(refusal({"a.jpg"}, at("out.gif")).find(".jpg and .png"), std::string::npos);
  EXPECT_NE(refusal({"a.jpg"}, at("out")).find("folder/"), std::string::npos);
}

TEST_F(PictureFiles, Several_pictures_go_into_a_folder_under_names_of_their_own) {
  EXPECT_EQ(*output_files({"p/a.png", "q/a.jpg", "b.gif"}, "out/"),
            (Files{"out/a.jpg", "out/a.jpg.jpg", "out/b.jpg"}));
  EXPECT_NE(refusal({"a.png", "b.png"}, at("out.jpg")).find("name a folder"), std::string::npos);
  EXPECT_NE(refusal({"p/a.png", "q/a.png", "r/a.png"}, "out/").find("two folders"),
            std::string::npos);
}

TEST_F(PictureFiles, No_picture_is_replaced) {
  EXPECT_NE(refusal({at("in/a.jpg")}, at("in")).find("would replace"), std::string::npos);
  EXPECT_NE(refusal({at("in/a.jpg")}, at("in/deeper/../a.jpg")).find("would replace"),
            std::string::npos);
}

}  // namespace
}  // namespace npu::cli

#include "manager/models/model_table.hpp"

#include <filesystem>

#include <gtest/gtest.h>

#include "fakes/temp_dir.hpp"
#include "manager/memory/payloads.hpp"

namespace npu::manager {
namespace {

namespace json = boost::json;
using Spec = broker::ModelSpec;

class ModelTableTest : public testing::Test {
 protected:
  Result<Spec> find(const std::string& path, const json::object* params = nullptr) {
    return table_.find({.type = "depth", .path = path, .params = params});
  }
  std::string params_of(const std::string& path) { return find(path).value().load->params; }

  fakes::TempDir dir_;
  std::string model_ = dir_.file("m.hef", "x");
  ModelTable table_{store::Resolver(store::ModelDirs({std::filesystem::path(model_).parent_path()}),
                                    store::Catalogue(), "sim", "hailo10h"),
                    "sim", [](const std::string&) { return false; }};
};

TEST_F(ModelTableTest, Parameters_last_given_count_where_none_are_given) {
  const json::object params{{"a", 1}};
  EXPECT_EQ(params_of(model_), "{}");
  ASSERT_TRUE(find(model_, &params));
  EXPECT_EQ(params_of(model_), R"({"a":1})");
  const json::object none;
  ASSERT_TRUE(find(model_, &none));
  EXPECT_EQ(params_of(model_), "{}");
}

TEST_F(ModelTableTest, What_others_give_does_not_replace_what_a_user_gave) {
  const auto params_for = [&](std::uint32_t user) {
    const auto found = table_.find({.type = "depth", .path = model_, .user = user}).value();
    return found.load->params;
  };
  const json::object of_ann{{"ann", 1}};
  const json::object of_bob{{"bob", 1}};
  ASSERT_TRUE(table_.find({.type = "depth", .path = model_, .params = &of_ann, .user = 1}));
  EXPECT_EQ(params_for(2), R"({"ann":1})") << "who gave none gets what there is";
  ASSERT_TRUE(table_.find({.type = "depth", .path = model_, .params = &of_bob, .user = 2}));
  EXPECT_EQ(params_for(1), R"({"ann":1})");
  EXPECT_EQ(params_for(2), R"({"bob":1})");
  EXPECT_EQ(params_for(3), R"({"bob":1})");
}

TEST_F(ModelTableTest, Parameters_that_take_too_much_are_refused_with_their_bound) {
  const json::object large{{"a", std::string(65536, 'x')}};
  const auto refused = find(model_, &large);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kTooLarge);
  EXPECT_EQ(refused.error().message,
            "Failed to load model: model_params must be at most 65536 bytes of JSON");
  const json::object most{{"a", std::string(65536 - 8, 'x')}};
  EXPECT_TRUE(find(model_, &most));
  EXPECT_FALSE(find("/" + std::string(5000, 'x')));
}

TEST_F(ModelTableTest, A_variant_is_known_as_long_as_somebody_holds_it) {
  Spec held = find(model_).value();
  EXPECT_EQ(table_.variants({.type = "depth", .path = model_}).size(), 1u);
  EXPECT_EQ(find(model_).value().load, held.load) << "one variant, one order";
  held = {};
  EXPECT_TRUE(table_.variants({.type = "depth", .path = model_}).empty());
}

TEST_F(ModelTableTest, A_file_that_was_changed_is_other_content) {
  const auto before = find(model_).value().content;
  EXPECT_EQ(find(model_).value().content, before);
  dir_.file("m.hef", "longer");
  EXPECT_NE(find(model_).value().content, before);
}

TEST_F(ModelTableTest, However_its_file_is_called_it_is_one_model) {
  const Spec held = find(model_).value();
  const std::filesystem::path folder = std::filesystem::path(model_).parent_path();
  const std::string link = dir_.path("link.hef");
  std::filesystem::create_symlink("m.hef", link);
  const std::string alike[] = {folder.string() + "/./m.hef", folder.string() + "////.//m.hef",
                               folder.string() + "/../" + folder.filename().string() + "/m.hef",
                               link};
  for (const std::string& alias : alike) {
    const auto found = find(alias);
    ASSERT_TRUE(found) << alias << ": " << found.error().message;
    EXPECT_EQ(found->key, held.key) << alias;
    EXPECT_EQ(found->path, model_) << "as it is known";
    EXPECT_EQ(found->load, held.load) << alias;
    EXPECT_EQ(table_.variants({.type = "depth", .path = alias}).size(), 1u) << alias;
  }
}

TEST_F(ModelTableTest, Parameters_that_its_family_does_not_use_make_no_other_model) {
  const json::object junk{{"junk", 1}};
  EXPECT_EQ(find(model_, &junk).value().key, find(model_).value().key);

  const std::string other = dir_.file("other.hef", "x");
  const auto ocr = [&](const json::object& params) {
    return table_.find({.type = "ocr", .path = model_, .params = &params}).value().key;
  };
  const json::object plain{{"detection_hef_path", model_}, {"recognition_hefs", {{"en", other}}}};
  json::object same = plain;
  same["junk"] = json::array{1, 2};
  same["batch_sizes"] = {{"en", 8}, {"none", 3}};
  same["recognition_hefs"] = {{"en", dir_.path(".//other.hef")}};
  EXPECT_EQ(ocr(same), ocr(plain));
  json::object another = plain;
  another["batch_sizes"] = {{"en", 2}};
  EXPECT_NE(ocr(another), ocr(plain));
}

TEST_F(ModelTableTest, Names_are_bounded) {
  const auto refused = find("/" + std::string(1024, 'x'));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kTooLarge);
}

TEST_F(ModelTableTest, Variants_of_a_longer_path_are_not_those_of_its_beginning) {
  const std::string longer = dir_.file("m.hef.hef", "x");
  const Spec one = find(model_).value();
  const Spec other = find(longer).value();
  const auto found = table_.variants({.type = "depth", .path = model_});
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].key, one.key);
}

TEST_F(ModelTableTest,
       Of_many_parameters_those_of_a_model_in_use_are_kept_and_most_others_are_not) {
  const json::object mine{{"mine", true}};
  const Spec held = find(model_, &mine).value();
  const json::object padded{{"pad", std::string(60000, 'x')}};
  const auto path = [&](int number) { return dir_.file(std::to_string(number) + ".hef", "x"); };
  std::size_t kept = 0;
  for (int i = 0; i < 500; ++i) ASSERT_TRUE(find(path(i), &padded));
  for (int i = 0; i < 500; ++i) kept += params_of(path(i)) != "{}";
  EXPECT_GT(kept, 10u);
  EXPECT_LT(kept, 80u) << "more than 4 MiB of parameters";
  EXPECT_NE(params_of(path(499)), "{}");
  EXPECT_EQ(params_of(model_), R"({"mine":true})");
}

}  // namespace
}  // namespace npu::manager

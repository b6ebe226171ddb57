#include "services/kit/model_watch.hpp"

#include <gtest/gtest.h>

namespace npu::kit {
namespace {

namespace json = boost::json;

ManagerStatus status_of(int evictions, bool there, const json::value& broken = nullptr) {
  json::object other{{"model_type", "clip"}, {"model_path", "/models/net.hef"}};
  json::array models{other};
  if (there) models.push_back({{"model_type", "depth"}, {"model_path", "/models/net.hef"}});
  return ManagerStatus::from({{"loaded_models", models},
                              {"total_lru_evictions", evictions},
                              {"runtime_broken_reason", broken}});
}

ModelWatch watch(bool keeps = true) { return {"depth", "/models/net.hef", keeps}; }

ErrorCode code_of(const Status& status) {
  return status ? ErrorCode::kInternal : status.error().code;
}

TEST(ModelWatch, A_listed_model_is_there_whatever_is_wrong_with_other_lanes) {
  auto watched = watch();
  EXPECT_TRUE(watched.check(status_of(0, true)));
  EXPECT_TRUE(watched.check(status_of(3, true, "pid 7 does not end")));
}

TEST(ModelWatch, One_that_somebody_unloaded_is_lost) {
  auto watched = watch();
  EXPECT_TRUE(watched.check(status_of(5, true)));
  EXPECT_EQ(code_of(watched.check(status_of(5, false))), ErrorCode::kNotFound);
}

TEST(ModelWatch, One_that_need_not_stay_may_be_unloaded) {
  auto watched = watch(false);
  EXPECT_TRUE(watched.check(status_of(0, true)));
  EXPECT_TRUE(watched.check(status_of(0, false)));
}

TEST(ModelWatch, One_that_was_evicted_comes_back_with_the_next_request) {
  auto watched = watch();
  EXPECT_TRUE(watched.check(status_of(5, true)));
  EXPECT_TRUE(watched.check(status_of(6, false)));
  EXPECT_TRUE(watched.check(status_of(6, false)));
  EXPECT_TRUE(watched.check(status_of(6, true)));
  EXPECT_EQ(code_of(watched.check(status_of(6, false))), ErrorCode::kNotFound);
}

TEST(ModelWatch, A_broken_device_is_told_with_its_reason) {
  auto watched = watch();
  const Status seen = watched.check(status_of(0, false, "waiting for device: no chip answers"));
  EXPECT_EQ(code_of(seen), ErrorCode::kDeviceLost);
  EXPECT_EQ(seen.error().message, "waiting for device: no chip answers");
}

TEST(ModelWatch, What_another_manager_evicted_does_not_count) {
  auto watched = watch();
  EXPECT_TRUE(watched.check(status_of(3, true)));
  watched.loaded({});
  EXPECT_EQ(code_of(watched.check(status_of(4, false))), ErrorCode::kNotFound);
}

TEST(ModelWatch, A_model_is_looked_for_as_the_manager_lists_it) {
  ModelWatch watched("depth", "/models/link-to-net.hef", true);
  watched.loaded(LoadedModel::from({{"listed_as", "/models/net.hef"}}));
  EXPECT_TRUE(watched.check(status_of(0, true)));
  watched.loaded({});
  EXPECT_FALSE(watched.check(status_of(0, true)));
}

TEST(ModelWatch, One_that_a_list_cut_short_may_have_left_out_is_there) {
  auto watched = watch();
  auto status = status_of(0, false);
  status.models_left_out = 7;
  EXPECT_TRUE(watched.check(status));
}

TEST(ModelWatch, A_manager_that_does_not_list_models_is_believed) {
  auto watched = watch();
  EXPECT_TRUE(watched.check(ManagerStatus::from({{"status", "ok"}})));
}

}  // namespace
}  // namespace npu::kit

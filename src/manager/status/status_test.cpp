#include "manager/status/status.hpp"

#include <string>

#include <gtest/gtest.h>

namespace npu::manager {
namespace {

broker::Snapshot with_models(std::size_t count, std::size_t name_bytes) {
  broker::Snapshot snapshot;
  for (std::size_t i = 0; i < count; ++i) {
    broker::ModelStatus model;
    model.model.type = "depth";
    model.model.path = "/m/" + std::to_string(i) + std::string(name_bytes, 'x');
    snapshot.models.push_back(std::move(model));
  }
  return snapshot;
}

TEST(Status, Every_model_of_usual_name_is_shown) {
  const auto body = status_payload({}, with_models(256, 60));
  EXPECT_EQ(body.at("loaded_models").as_array().size(), 256u);
  EXPECT_FALSE(body.contains("loaded_models_left_out"));
}

TEST(Status, It_stays_small_whatever_models_are_called_and_says_how_many_it_leaves_out) {
  const auto snapshot = with_models(256, 1000);
  const auto body = status_payload({}, snapshot);
  const std::size_t shown = body.at("loaded_models").as_array().size();
  EXPECT_GT(shown, 50u);
  EXPECT_EQ(body.at("loaded_models_left_out").to_number<std::size_t>() + shown, 256u);
  EXPECT_LT(boost::json::serialize(body).size(), 100'000u);

  broker::Snapshot refused;
  for (const auto& model : snapshot.models) refused.refused.push_back({.path = model.model.path});
  const auto told = status_payload({}, refused);
  const std::size_t first = told.at("refused_models").as_array().size();
  EXPECT_EQ(told.at("refused_models_left_out").to_number<std::size_t>() + first, 256u);

  const device::DeviceInfo info;
  const StatusFacts facts{.device = &info};
  const auto device = device_status_payload(facts, snapshot);
  EXPECT_EQ(device.at("networks").at("network_count").to_number<std::size_t>(), 256u);
  EXPECT_LT(boost::json::serialize(device).size(), 100'000u);
}

}  // namespace
}  // namespace npu::manager

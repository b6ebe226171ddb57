#include <npu/replies.hpp>

#include <string_view>

#include <gtest/gtest.h>

namespace npu {
namespace {

boost::json::object reply_of(std::string_view text) {
  return boost::json::parse({text.data(), text.size()}).as_object();
}

TEST(Replies, A_status_has_what_the_manager_said_and_the_rest_as_it_came) {
  const auto status = ManagerStatus::from(reply_of(R"({"status":"ok","device_id":"0001:01:00.0",
      "loaded_models":[{"model_type":"depth","model_path":"/m/a.hef","loaded_at":5.5,"last_used":6}],
      "loaded_models_left_out":2,"uptime_seconds":12.5,"socket_path":"/run/s","queue_depth":3,
      "total_lru_evictions":4,"runtime_broken_reason":"no chip","last_capacity_event_reason":"full",
      "last_capacity_event_model":"/m/b.hef","last_capacity_event_at":7.5,
      "refused_models":[{"model_type":"pose","model_path":"/m/c.hef","reason":"why",
      "seconds_left":9.5}],"refused_models_left_out":1,"of_a_newer_manager":{"k":1}})"));
  EXPECT_EQ(status.device_id, "0001:01:00.0");
  ASSERT_TRUE(status.models);
  ASSERT_EQ(status.models->size(), 1U);
  EXPECT_EQ(status.models->front().type, "depth");
  EXPECT_EQ(status.models->front().path, "/m/a.hef");
  EXPECT_EQ(status.models->front().loaded_at, 5.5);
  EXPECT_EQ(status.models->front().last_used, 6);
  EXPECT_EQ(status.models_left_out, 2U);
  ASSERT_EQ(status.refused.size(), 1U);
  EXPECT_EQ(status.refused[0].type, "pose");
  EXPECT_EQ(status.refused[0].path, "/m/c.hef");
  EXPECT_EQ(status.refused[0].reason, "why");
  EXPECT_EQ(status.refused[0].seconds_left, 9.5);
  EXPECT_EQ(status.refused_left_out, 1U);
  EXPECT_EQ(status.uptime_seconds, 12.5);
  EXPECT_EQ(status.queue_depth, 3U);
  EXPECT_EQ(status.evictions, 4U);
  EXPECT_EQ(status.socket_path, "/run/s");
  EXPECT_EQ(status.broken_reason, "no chip");
  ASSERT_TRUE(status.last_capacity_event);
  EXPECT_EQ(status.last_capacity_event->reason, "full");
  EXPECT_EQ(status.last_capacity_event->model, "/m/b.hef");
  EXPECT_EQ(status.last_capacity_event->at, 7.5);
  EXPECT_EQ(status.json.at("of_a_newer_manager").at("k"), 1);
}

TEST(Replies, What_is_not_said_or_said_in_another_way_is_absent) {
  for (const char* text :
       {R"({})",
        R"({"device_id":7,"loaded_models":{},"refused_models":3,"uptime_seconds":"x",
            "queue_depth":-1,"total_lru_evictions":[],"runtime_broken_reason":null,
            "last_capacity_event_reason":null,"loaded_models_left_out":"many"})"}) {
    const auto status = ManagerStatus::from(reply_of(text));
    EXPECT_FALSE(status.device_id);
    EXPECT_FALSE(status.models);
    EXPECT_EQ(status.models_left_out, 0U);
    EXPECT_TRUE(status.refused.empty());
    EXPECT_FALSE(status.uptime_seconds);
    EXPECT_FALSE(status.queue_depth);
    EXPECT_FALSE(status.evictions);
    EXPECT_FALSE(status.broken_reason);
    EXPECT_FALSE(status.last_capacity_event);
  }
  const auto odd = ManagerStatus::from(reply_of(R"({"loaded_models":[1,{"model_path":7}]})"));
  ASSERT_EQ(odd.models.value().size(), 1U);
  EXPECT_EQ(odd.models->front().path, "");
  EXPECT_FALSE(odd.models->front().loaded_at);
}

TEST(Replies, A_list_without_end_is_cut_and_the_rest_counted) {
  boost::json::array models;
  for (std::size_t i = 0; i < kMaxListed + 10; ++i) models.push_back(boost::json::object{});
  boost::json::object reply{{"loaded_models", models}, {"loaded_models_left_out", 5}};
  const auto status = ManagerStatus::from(std::move(reply));
  EXPECT_EQ(status.models.value().size(), kMaxListed);
  EXPECT_EQ(status.models_left_out, 15U);
}

TEST(Replies, A_device_says_what_it_is) {
  const auto status = DeviceStatus::from(reply_of(
      R"({"device":{"device_id":"cpu","architecture":"A","fw_version":"1","confinement":"files","temperature_celsius":51.5}})"));
  EXPECT_EQ(status.id, "cpu");
  EXPECT_EQ(status.architecture, "A");
  EXPECT_EQ(status.firmware, "1");
  EXPECT_EQ(status.confinement, "files");
  EXPECT_EQ(status.temperature_celsius, 51.5);
  EXPECT_FALSE(DeviceStatus::from(reply_of(R"({"device":[]})")).temperature_celsius);
}

TEST(Replies, A_loaded_model_says_what_picture_it_takes) {
  const auto model = LoadedModel::from(reply_of(
      R"({"message":"Model loaded","listed_as":"/m/a","warning":"w","model_info":{"input_shape":[2,3,3]}})"));
  EXPECT_EQ(model.message, "Model loaded");
  EXPECT_EQ(model.listed_as, "/m/a");
  EXPECT_EQ(model.warning, "w");
  EXPECT_EQ(model.input_shape, (Shape{2, 3, 3}));
  for (const char* text :
       {R"({})", R"({"model_info":1})", R"({"model_info":{}})",
        R"({"model_info":{"input_shape":[0,8,3]}})", R"({"model_info":{"input_shape":["8",8,3]}})",
        R"({"model_info":{"input_shape":[1,1,1,1,1,1,1,1,1]}})"}) {
    EXPECT_TRUE(LoadedModel::from(reply_of(text)).input_shape.empty()) << text;
  }
  EXPECT_EQ(UnloadedModel::from(reply_of(R"({"message":"Model unloaded"})")).message,
            "Model unloaded");
}

TEST(Replies, A_loaded_model_says_what_the_manager_knows_of_it) {
  const auto model = LoadedModel::from(
      reply_of(R"({"model_info":{"input_shape":[8,8,3],"input":{"fit":"corner","padding":0},)"
               R"("outputs":[{"name":"a","shape":[4,5]},{"name":"n","shape":[],"dtype":"uint8"}],)"
               R"("head":"yolox","labels":["cat","dog"]}})"));
  EXPECT_EQ(model.fit, "corner");
  EXPECT_EQ(model.padding, 0);
  ASSERT_EQ(model.outputs.size(), 2U);
  EXPECT_EQ(model.outputs[0].name, "a");
  EXPECT_EQ(model.outputs[0].shape, (Shape{4, 5}));
  EXPECT_EQ(model.outputs[0].dtype, DType::kFloat32);
  EXPECT_TRUE(model.outputs[1].shape.empty());
  EXPECT_EQ(model.outputs[1].dtype, DType::kUint8);
  EXPECT_EQ(model.head, "yolox");
  EXPECT_EQ(model.labels, (std::vector<std::string>{"cat", "dog"}));
  EXPECT_EQ(LoadedModel::from(reply_of(R"({"model_info":{"labels":"coco80"}})")).label_set,
            "coco80");
  const auto odd = LoadedModel::from(reply_of(
      R"({"model_info":{"input":[],"outputs":[{"shape":[-1]}],"head":5,"labels":{},"padding":-1}})"));
  EXPECT_TRUE(odd.outputs.empty() && odd.head.empty() && odd.labels.empty() && !odd.padding);
}

}  // namespace
}  // namespace npu

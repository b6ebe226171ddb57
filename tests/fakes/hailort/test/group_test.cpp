// Who may use the chip at the same time.
#include "hailort_fake_test_support.hpp"

namespace npu::fakes {
namespace {

using hailort::VDevice;
using std::chrono::steady_clock;

class FakeGroup : public FakeBench {
 protected:
  // A file of its own for the chip.
  std::string another_camera(int number) {
    const std::string name = std::to_string(number);
    return model(name, "model: camera  # " + name + "\n");
  }
};

TEST_F(FakeGroup, The_same_group_is_joined_by_other_objects_and_processes) {
  const auto first = vdevice("SHARED");
  const auto second = vdevice("SHARED");
  Peer peer;
  EXPECT_EQ(peer.say("group SHARED"), "0");
}

TEST_F(FakeGroup, Another_group_finds_no_free_device) {
  const auto mine = vdevice("SHARED");
  EXPECT_EQ(vdevice_status("OTHER"), HAILO_OUT_OF_PHYSICAL_DEVICES);
  Peer peer;
  EXPECT_EQ(peer.say("group OTHER"), "74");
}

TEST_F(FakeGroup, With_explicit_ids_it_is_the_device_that_is_in_use) {
  const auto mine = vdevice("SHARED");
  hailo_device_id_t id{};
  const auto ids = hailort::Device::scan();
  ASSERT_TRUE(ids);
  ids->at(0).copy(id.id, sizeof(id.id) - 1);
  auto wanted = params("OTHER");
  wanted.device_ids = &id;
  EXPECT_EQ(VDevice::create(wanted).status(), HAILO_DEVICE_IN_USE);
}

TEST_F(FakeGroup, Who_wants_the_chip_alone_waits_before_5_3) {
  auto mine = vdevice("SHARED");
  const auto begin = steady_clock::now();
  Peer peer;
  EXPECT_EQ(peer.say("group UNIQUE"), "74");
  EXPECT_GE(steady_clock::now() - begin, 500ms);

  peer.send("group UNIQUE");
  mine.reset();
  EXPECT_EQ(peer.hear(), "0");
  EXPECT_EQ(vdevice_status("SHARED"), HAILO_OUT_OF_PHYSICAL_DEVICES);
}

TEST_F(FakeGroup, Since_5_3_it_is_refused_at_once) {
  set("HAILO_FAKE_VERSION", "5.3.0");
  set("HAILO_FAKE_TIME_SCALE", "20");  // it would wait 100 s
  const auto mine = vdevice("SHARED");
  const auto begin = steady_clock::now();
  EXPECT_EQ(vdevice_status("UNIQUE"), HAILO_OUT_OF_PHYSICAL_DEVICES);
  EXPECT_LT(steady_clock::now() - begin, 50s);
}

TEST_F(FakeGroup, A_process_that_dies_has_left) {
  Peer peer;
  ASSERT_EQ(peer.say("group OTHER"), "0");
  EXPECT_EQ(vdevice_status("SHARED"), HAILO_OUT_OF_PHYSICAL_DEVICES);
  peer.kill();
  EXPECT_EQ(vdevice_status("SHARED"), HAILO_SUCCESS);
}

TEST_F(FakeGroup, Only_one_device_and_no_service) {
  auto two = params("SHARED");
  two.device_count = 2;
  EXPECT_EQ(VDevice::create(two).status(), HAILO_OUT_OF_PHYSICAL_DEVICES);
  auto service = params("SHARED");
  service.multi_process_service = true;
  EXPECT_EQ(VDevice::create(service).status(), HAILO_INVALID_OPERATION);
}

TEST_F(FakeGroup, Generative_models_read_the_groups_name_again) {
  std::string name = "SHARED";
  auto made = VDevice::create_shared(params(name.c_str()));
  ASSERT_TRUE(made);
  const auto mine = made.release();
  EXPECT_EQ(hailort::genai::LLM::create(mine, {model("talker")}).status(), HAILO_SUCCESS);
  name.replace(0, 6, "OTHERS");  // in the same place
  EXPECT_EQ(hailort::genai::Speech2Text::create(mine, {model("ears")}).status(),
            HAILO_INTERNAL_FAILURE);  // all that the host is told while a file is sent
}

TEST_F(FakeGroup, Since_5_3_another_version_of_the_firmware_is_refused) {
  set("HAILO_FAKE_FIRMWARE", "5.2.0");
  for (const auto& [version, status] :
       {std::pair{"5.1.1", HAILO_SUCCESS}, std::pair{"5.3.0", HAILO_INVALID_FIRMWARE}}) {
    set("HAILO_FAKE_VERSION", version);
    EXPECT_EQ(vdevice_status("SHARED"), status) << version;
    EXPECT_EQ(hailort::Device::create().status(), status) << version;
  }
}

TEST_F(FakeGroup, Generative_models_need_the_scheduler) {
  auto without = params("SHARED");
  without.scheduling_algorithm = HAILO_SCHEDULING_ALGORITHM_NONE;
  auto made = VDevice::create_shared(without);
  ASSERT_TRUE(made);
  const auto llm = hailort::genai::LLM::create(made.release(), {model("talker")});
  EXPECT_EQ(llm.status(), HAILO_NOT_SUPPORTED);
}

TEST_F(FakeGroup, Memory_comes_back_with_the_last_handle_of_all_processes) {
  const std::string heavy = model("heavy");
  const std::string heavier = model("heavier");
  auto mine = vdevice();
  Peer peer;
  ASSERT_EQ(peer.say("group SHARED"), "0");
  (void)configured(*mine, heavy);
  EXPECT_EQ(configure_status(*mine, heavier), HAILO_OUT_OF_HOST_MEMORY);
  // The model is there already, also for others.
  EXPECT_EQ(configure_status(*mine, heavy), HAILO_SUCCESS);
  EXPECT_EQ(peer.say("load " + heavy), "0");
  mine.reset();
  EXPECT_EQ(peer.say("load " + heavier), "3");
  EXPECT_EQ(peer.say("drop"), "0");
  mine = vdevice();
  EXPECT_EQ(configure_status(*mine, heavier), HAILO_SUCCESS);
}

TEST_F(FakeGroup, A_chip_has_16_connections_for_all_programs) {
  std::vector<std::shared_ptr<VDevice>> mine;
  mine.reserve(13);
  for (int i = 0; i < 13; ++i) mine.push_back(vdevice());
  const auto readings = hailort::Device::create();
  ASSERT_TRUE(readings);
  auto llm = hailort::genai::LLM::create(mine[0], {model("talker")});
  ASSERT_TRUE(llm);
  Peer peer;
  ASSERT_EQ(peer.say("group SHARED"), "0");
  EXPECT_EQ(vdevice_status("SHARED"), HAILO_DEVICE_TEMPORARILY_UNAVAILABLE);
  EXPECT_EQ(hailort::Device::create().status(), HAILO_DEVICE_TEMPORARILY_UNAVAILABLE);
  EXPECT_EQ(peer.say("drop"), "0");
  EXPECT_EQ(vdevice_status("SHARED"), HAILO_SUCCESS);
}

TEST_F(FakeGroup, A_chip_takes_26_core_ops_in_the_life_of_a_group) {
  const auto mine = vdevice();
  for (int i = 0; i < 26; ++i) {
    ASSERT_EQ(configure_status(*mine, another_camera(i)), HAILO_SUCCESS);
  }
  EXPECT_EQ(configure_status(*mine, model("lens")), HAILO_INVALID_OPERATION);
}

TEST_F(FakeGroup, A_file_with_another_batch_is_another_core_op_and_the_same_again_is_not) {
  const auto mine = vdevice();
  const auto configured_with = [&](int batch) {
    const auto loaded = mine->create_infer_model(model("lens"));
    loaded.value()->set_batch_size(static_cast<std::uint16_t>(batch));
    return loaded.value()->configure().status();
  };
  for (int batch = 1; batch <= 26; ++batch) {
    ASSERT_EQ(configured_with(batch), HAILO_SUCCESS);
    ASSERT_EQ(configured_with(batch), HAILO_SUCCESS);
  }
  EXPECT_EQ(configured_with(27), HAILO_INVALID_OPERATION);
}

TEST_F(FakeGroup, A_language_model_is_two_core_ops) {
  const auto mine = vdevice();
  for (int i = 0; i < 25; ++i) {
    ASSERT_EQ(configure_status(*mine, another_camera(i)), HAILO_SUCCESS);
  }
  EXPECT_EQ(hailort::genai::LLM::create(mine, {model("talker")}).status(), HAILO_INVALID_OPERATION);
  EXPECT_EQ(configure_status(*mine, model("lens")), HAILO_SUCCESS);
}

}  // namespace
}  // namespace npu::fakes

#include "manager/clients/intake.hpp"

#include <cstring>
#include <string>

#include <gtest/gtest.h>

#include "base/clock.hpp"
#include "manager/clients/request_fields.hpp"
#include "manager/memory/slab_pool.hpp"
#include "wire/tensor_json.hpp"

namespace npu::manager {
namespace json = boost::json;
namespace {

class IntakeTest : public testing::Test {
 protected:
  Result<Intake> take(const std::string& json, const std::string& tail = {}) {
    std::string text = json;
    if (source_.layout == wire::Layout::kTail) {
      text = wire::encode_text(json, wire::Layout::kTail, tail.size()).substr(wire::kHeaderBytes) +
             tail;
    }
    auto owner = std::make_shared<std::string>(std::move(text));
    source_.payload = {owner, std::as_writable_bytes(std::span(*owner))};
    source_.take_slab = [this](std::size_t bytes) { return pool_.take(bytes); };
    return take_in(source_);
  }

  Result<Intake> take_tensor(const std::string& place, const std::string& tail = {}) {
    return take(
        R"({"action":"infer","input_data":{"x":{"dtype":"uint8","shape":[3],)" + place + "}}}",
        tail);
  }

  // The bytes that a worker would find.
  std::string found(const Intake& intake) {
    const auto input = json::parse(intake.input);
    const auto ref = wire::parse_tensor(input.at("x")).value();
    const auto at = std::get<wire::InRegion>(ref.place);
    for (const RegionPtr& region : intake.regions) {
      if (region->number() != static_cast<RegionNumber>(at.region)) continue;
      const auto bytes = region->bytes().subspan(at.offset, ref.bytes);
      return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
    }
    return "no such region";
  }

  SystemClock clock_;
  RegionRegistry registry_;
  SlabPool pool_{registry_, clock_, 1 << 20};
  RegionTable regions_;
  IntakeSource source_;
};

TEST_F(IntakeTest, Base64_ends_up_in_shared_memory) {
  const auto intake = take_tensor(R"("data_b64":"YWJj")");
  ASSERT_TRUE(intake && intake->tensors);
  EXPECT_EQ(found(*intake), "abc");
  EXPECT_FALSE(intake->body.contains("input_data"));
}

TEST_F(IntakeTest, The_smallest_tensors_still_have_room) {
  std::string list;
  for (int i = 0; i < 5000; ++i) {
    list += std::string(i > 0 ? "," : "") + R"({"dtype":"int8","shape":[1],"data_b64":"AA=="})";
  }
  const auto intake = take(R"({"action":"infer","input_data":{"crops":[)" + list + "]}}");
  ASSERT_TRUE(intake);
  EXPECT_TRUE(intake->tensors);
}

TEST_F(IntakeTest, The_tail_is_found_by_offset) {
  source_.layout = wire::Layout::kTail;
  const auto intake = take_tensor(R"("tail":[2,3])", "..abc.");
  ASSERT_TRUE(intake && intake->tensors);
  EXPECT_EQ(found(*intake), "abc");
}

TEST_F(IntakeTest, A_tail_that_lies_in_a_slab_is_not_copied) {
  source_.layout = wire::Layout::kTail;
  const std::string json =
      R"({"action":"infer","input_data":{"x":{"dtype":"uint8","shape":[3],"tail":[0,3]}}})";
  const std::string payload = wire::encode_text(json, wire::Layout::kTail, 3).substr(4) + "abc";
  const RegionPtr slab = pool_.take(payload.size()).value();
  std::memcpy(slab->bytes().data(), payload.data(), payload.size());
  source_.payload = {slab, slab->bytes().first(payload.size())};
  source_.payload_slab = slab;
  source_.take_slab = [](std::size_t) -> Result<RegionPtr> {
    return fail(ErrorCode::kInternal, "copied");
  };
  const auto intake = take_in(source_);
  ASSERT_TRUE(intake && intake->tensors);
  EXPECT_EQ(found(*intake), "abc");
  EXPECT_EQ(intake->regions, std::vector<RegionPtr>{slab});
}

TEST_F(IntakeTest, A_region_is_named_by_the_managers_number) {
  regions_[1] = registry_.add(SharedMemory::create(16).value());
  std::memcpy(regions_[1]->bytes().data() + 4, "abc", 3);
  source_.regions = &regions_;
  const auto intake = take_tensor(R"("region":1,"offset":4)");
  ASSERT_TRUE(intake && intake->tensors);
  EXPECT_EQ(found(*intake), "abc");
}

TEST_F(IntakeTest, Places_outside_their_memory_are_refused) {
  regions_[1] = registry_.add(SharedMemory::create(16).value());
  EXPECT_FALSE(take_tensor(R"("region":1)").value().tensors) << "shm was not granted";
  EXPECT_FALSE(take_tensor(R"("tail":[0,3])").value().tensors) << "tail was not granted";
  source_.regions = &regions_;
  EXPECT_FALSE(take_tensor(R"("region":1,"offset":14)").value().tensors);
  EXPECT_FALSE(take_tensor(R"("region":1,"offset":9223372036854775807)").value().tensors);
  EXPECT_FALSE(take_tensor(R"("region":2)").value().tensors);
  source_.layout = wire::Layout::kTail;
  EXPECT_FALSE(take_tensor(R"("tail":[1,3])", "abc").value().tensors);
}

TEST_F(IntakeTest, An_id_has_a_bounded_length_as_text) {
  const std::string longest = '"' + std::string(kMaxIdBytes - 2, 'x') + '"';
  const auto intake = take(R"({"action":"ping","request_id":)" + longest + "}");
  ASSERT_TRUE(intake && intake->sound);
  EXPECT_EQ(intake->request_id, longest);
  const std::string digits(300, '1');
  for (const std::string& id :
       {'"' + std::string(kMaxIdBytes - 1, 'x') + '"', digits + ".5", "[" + longest + "]"}) {
    const auto refused = take(R"({"action":"ping","request_id":)" + id + "}");
    ASSERT_TRUE(refused);
    ASSERT_FALSE(refused->sound) << id;
    EXPECT_EQ(refused->sound.error().code, ErrorCode::kInvalidArgument);
    EXPECT_EQ(refused->request_id, "");
  }
  EXPECT_FALSE(take(R"({"action":"cancel","request_id_to_cancel":")" + digits + "\"}")->sound);
}

TEST_F(IntakeTest, Of_a_large_frame_only_what_the_request_needs_is_kept) {
  const std::string large(100'000, 'x');
  const auto intake = take(R"({"action":"load_model","model_path":"a","request_id":7,"x":")" +
                           large + R"(","input_data":")" + large + "\"}");
  ASSERT_TRUE(intake && intake->sound);
  EXPECT_EQ(intake->body, json::object({{"action", "load_model"}, {"model_path", "a"}}));
  EXPECT_EQ(intake->request_id, "7");
  const auto refused = take(R"({"action":"ping","model_params":{"a":")" + large + "\"}}");
  ASSERT_TRUE(refused);
  ASSERT_FALSE(refused->sound);
  EXPECT_EQ(refused->sound.error().message,
            "model_params must take at most 65536 bytes as JSON text");
  EXPECT_EQ(refused->body, json::object({{"action", "ping"}}));
}

TEST_F(IntakeTest, Other_actions_are_left_as_they_are) {
  const auto intake = take(R"({"action":"ping","input_data":{"x":{"dtype":"uint8"}}})");
  ASSERT_TRUE(intake && intake->tensors);
  EXPECT_TRUE(intake->body.contains("input_data"));
}

}  // namespace
}  // namespace npu::manager

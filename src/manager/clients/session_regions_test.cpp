// Shared memory of a client: registered, used, named for results, and given back.
#include <string>
#include <utility>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/mman.h>

#include "manager/clients/session.hpp"
#include "manager/clients/session_client_test_support.hpp"

namespace npu::manager {
namespace json = boost::json;
namespace {

class SessionRegionsTest : public SessionFixture {
 protected:
  static ClientLimits limits() {
    ClientLimits limits;
    limits[Held::kRegions].of_connection = 2;
    return limits;
  }
  SessionRegionsTest() : SessionFixture(limits()) { client_.hello({"shm", "pipeline", "cancel"}); }

  static json::object registration(std::size_t bytes) {
    return {{"action", "shm_register"}, {"size", bytes}};
  }
  // The client's number of it.
  std::int64_t register_region(std::size_t bytes) {
    const auto memory = SharedMemory::create(bytes).value();
    return client_.ask(registration(bytes), memory.fd()).at("region").as_int64();
  }
  json::object unregister(std::int64_t region) {
    return client_.ask({{"action", "shm_unregister"}, {"region", region}});
  }
  static json::object tensor_in(std::int64_t region, std::size_t bytes = 1) {
    return {{"dtype", "uint8"}, {"shape", json::array{bytes}}, {"region", region}};
  }

  SessionClient client_{host_};
};

TEST_F(SessionRegionsTest, A_region_is_the_clients_until_it_is_unregistered) {
  EXPECT_EQ(register_region(100), 1);
  EXPECT_EQ(register_region(200), 2);
  EXPECT_EQ(host_.quota.held(Held::kRegions), 2U);
  EXPECT_EQ(host_.quota.held(Held::kRegionBytes), 300U);
  EXPECT_EQ(host_.quota.held(Held::kDescriptors), 2U);
  EXPECT_EQ(host_.regions().bytes(), 300U);
  EXPECT_EQ(unregister(1), json::object({{"status", "ok"}}));
  EXPECT_EQ(unregister(1),
            json::object({{"error", "there is no region 1"}, {"code", "not_found"}}));
  EXPECT_EQ(host_.quota.held(Held::kRegionBytes), 200U);
  EXPECT_EQ(host_.quota.held(Held::kDescriptors), 1U);
  EXPECT_EQ(register_region(50), 3) << "numbers are not used again";
  client_.leave();
  EXPECT_EQ(host_.regions().bytes(), 0U);
  EXPECT_EQ(host_.quota.held(Held::kRegions), 0U);
}

TEST_F(SessionRegionsTest, What_is_no_region_is_refused_and_nothing_of_it_stays) {
  const auto refused = [&](const json::object& request, int fd = -1) {
    const auto reply = client_.ask(request, fd);
    EXPECT_EQ(host_.quota.held(Held::kDescriptors), 0U) << json::serialize(reply);
    EXPECT_EQ(host_.quota.held(Held::kRegions), 0U);
    return text_at(reply, "code") + ": " + text_at(reply, "error");
  };
  EXPECT_EQ(refused(registration(100)),
            "invalid_argument: shm_register needs one attached descriptor");
  const auto memory = SharedMemory::create(100).value();
  EXPECT_EQ(refused({{"action", "shm_register"}}, memory.fd()),
            "invalid_argument: size is missing");
  EXPECT_TRUE(refused(registration(99), memory.fd()).starts_with("invalid_argument: "));
  const UniqueFd unsealed(::memfd_create("unsealed", MFD_CLOEXEC | MFD_ALLOW_SEALING));
  ASSERT_EQ(::ftruncate(unsealed.get(), 100), 0);
  EXPECT_TRUE(refused(registration(100), unsealed.get()).starts_with("invalid_argument: "));
  const UniqueFd file(::open("/dev/null", O_RDWR | O_CLOEXEC));
  EXPECT_TRUE(refused(registration(100), file.get()).starts_with("invalid_argument: "));
}

TEST_F(SessionRegionsTest, A_refused_registration_takes_its_own_descriptor_and_no_others) {
  const auto first = SharedMemory::create(10).value();
  const auto second = SharedMemory::create(20).value();
  client_.send(registration(11), {}, first.fd());
  client_.send(registration(20), {}, second.fd());
  EXPECT_TRUE(client_.reply().contains("error"));
  EXPECT_EQ(client_.reply().at("region"), 1) << "that of the second frame";
}

TEST_F(SessionRegionsTest, A_descriptor_that_no_frame_claims_ends_the_connection) {
  const auto memory = SharedMemory::create(10).value();
  client_.send({{"action", "ping"}}, {}, memory.fd());
  EXPECT_TRUE(client_.is_hung_up());
  EXPECT_EQ(host_.quota.held(Held::kDescriptors), 0U);
}

TEST_F(SessionRegionsTest, More_than_its_share_is_refused_with_what_to_do) {
  register_region(10);
  register_region(10);
  const auto memory = SharedMemory::create(10).value();
  const auto reply = client_.ask(registration(10), memory.fd());
  EXPECT_EQ(reply.at("code"), "quota_exceeded");
  EXPECT_EQ(reply.at("error"),
            "a connection has at most 2 regions, 2 are taken and 1 asked for: unregister some");
  unregister(1);
  EXPECT_EQ(register_region(10), 3);
}

TEST_F(SessionRegionsTest, What_is_under_way_keeps_the_regions_that_it_names) {
  const auto region = register_region(100);
  client_.send(infer("a", {{"input_data", {{"x", tensor_in(region)}}}}));
  ASSERT_EQ(host_.submitted.size(), 1U);
  EXPECT_EQ(host_.submitted[0].work->regions.size(), 1U);
  unregister(region);
  EXPECT_EQ(host_.regions().bytes(), 100U);
  EXPECT_EQ(host_.quota.held(Held::kRegions), 1U) << "and so it still counts";
  host_.complete(1, inferred(1));
  EXPECT_EQ(host_.regions().bytes(), 0U);
  EXPECT_EQ(host_.quota.held(Held::kRegions), 0U);
}

TEST_F(SessionRegionsTest, A_tensor_lies_in_a_region_that_there_is) {
  register_region(10);
  const auto error = [&](const json::object& tensor) {
    return text_at(client_.ask(infer("a", {{"input_data", {{"x", tensor}}}})), "error");
  };
  EXPECT_EQ(error(tensor_in(2)), "Inference failed: there is no region 2");
  EXPECT_EQ(error(tensor_in(1, 11)),
            "Inference failed: tensor of 11 bytes at offset 0 is outside region 1 of 10 bytes");
  SessionClient other(host_);
  other.hello({"shm"});
  EXPECT_EQ(text_at(other.ask(infer("", {{"input_data", {{"x", tensor_in(1)}}}})), "error"),
            "Inference failed: there is no region 1")
      << "of that client";
}

TEST_F(SessionRegionsTest, A_place_for_the_result_lies_in_a_region_that_there_is) {
  register_region(100);
  const auto error = [&](const json::value& output) {
    return text_at(client_.ask(infer("a", {{"output", output}})), "error");
  };
  EXPECT_EQ(error(1), "output must be an object with region, offset and size");
  EXPECT_EQ(error({{"offset", 0}}), "output.region is missing");
  EXPECT_EQ(error({{"region", -1}}),
            "output.region must be a whole number that is not negative, got -1");
  EXPECT_EQ(error({{"region", 2}}), "output: there is no region 2");
  EXPECT_EQ(error({{"region", 1}, {"size", 101}}),
            "output: 101 bytes at offset 0 are outside region 1 of 100 bytes");
  EXPECT_EQ(error({{"region", 1}, {"offset", 60}, {"size", 41}}),
            "output: 41 bytes at offset 60 are outside region 1 of 100 bytes");
  EXPECT_EQ(error({{"region", 1}, {"offset", 101}}),
            "output: 0 bytes at offset 101 are outside region 1 of 100 bytes");
  EXPECT_EQ(error({{"region", 1}, {"offset", ~std::uint64_t{0}}, {"size", 2}}),
            "output: 2 bytes at offset 18446744073709551615 are outside region 1 of 100 bytes");
  EXPECT_TRUE(host_.submitted.empty());

  const auto place = [&](const json::value& output) {
    client_.send(infer(std::to_string(host_.submitted.size()), {{"output", output}}));
    return host_.submitted.back().work->output.value();
  };
  EXPECT_EQ(place({{"region", 1}}).size, 100U);
  const auto rest = place({{"region", 1}, {"offset", 60}});
  EXPECT_EQ(rest.client_region, 1);
  EXPECT_EQ(rest.offset, 60U);
  EXPECT_EQ(rest.size, 40U) << "as much as there is from there on";
  EXPECT_EQ(place({{"region", 1}, {"offset", 60}, {"size", 7}}).size, 7U);
}

TEST_F(SessionRegionsTest, A_failure_is_told_when_nobody_writes_to_the_clients_memory_any_more) {
  register_region(100);
  client_.send(infer("a", {{"output", {{"region", 1}}}}));
  auto with_the_worker = host_.submitted.at(0).work;
  host_.fail_with(1, {ErrorCode::kCancelled, "cancelled"});
  EXPECT_FALSE(client_.next());
  EXPECT_EQ(client_.session().in_flight(), 1U);
  EXPECT_EQ(client_.ask(infer("a")).at("error"), R"(request_id "a" is in flight already)");
  with_the_worker.reset();
  EXPECT_EQ(client_.reply(),
            json::object({{"error", "cancelled"}, {"code", "cancelled"}, {"request_id", "a"}}));
  EXPECT_EQ(client_.session().in_flight(), 0U);
}

TEST_F(SessionRegionsTest, Without_a_place_of_its_own_a_failure_is_told_at_once) {
  client_.send(infer("a"));
  const auto with_the_worker = host_.submitted.at(0).work;
  host_.fail_with(1, {ErrorCode::kCancelled, "cancelled"});
  EXPECT_EQ(client_.reply().at("code"), "cancelled");
}

TEST_F(SessionRegionsTest, Who_left_is_not_told_when_its_memory_is_free) {
  register_region(100);
  register_region(50);
  client_.send(infer("a", {{"output", {{"region", 1}}}}));
  auto with_the_worker = host_.submitted.at(0).work;
  host_.fail_with(1, {ErrorCode::kCancelled, "cancelled"});
  client_.leave();
  EXPECT_EQ(host_.regions().bytes(), 100U) << "a worker may still write to this one";
  with_the_worker.reset();
  host_.run();
  EXPECT_EQ(host_.regions().bytes(), 0U);
}

TEST_F(SessionRegionsTest, A_result_in_the_clients_place_is_told_by_its_own_number) {
  register_region(100);
  client_.send(infer("a", {{"output", {{"region", 1}, {"offset", 64}}}}));
  const auto number =
      static_cast<std::int64_t>(host_.submitted.at(0).work->output->region->number());
  host_.complete(
      1, inferred({{"dtype", "uint8"}, {"shape", {3}}, {"region", number}, {"offset", 64}}));
  EXPECT_EQ(client_.reply().at("result"),
            json::object({{"dtype", "uint8"}, {"shape", {3}}, {"region", 1}, {"offset", 64}}));
}

}  // namespace
}  // namespace npu::manager

// Graphs that take more memory or time than a model may.
#include <cstdlib>

#include <sys/mman.h>

#include <gtest/gtest.h>

#include "device/onnx/memory_limit.hpp"
#include "device/onnx/open.hpp"
#include "fakes/fake_device.hpp"
#include "fakes/onnx_bytes.hpp"
#include "fakes/temp_dir.hpp"

namespace npu::device {
namespace {

using namespace fakes;

using namespace std::chrono_literals;

constexpr std::uint64_t kFloatElements = 1;
constexpr std::uint64_t kBoolElements = 9;
constexpr std::uint64_t kMiB = std::uint64_t{1} << 20;

std::string whole_number(std::string_view name, std::uint64_t value,
                         const std::vector<std::uint64_t>& shape) {
  std::string bytes;
  for (int i = 0; i < 8; ++i) bytes += static_cast<char>(value >> (8 * i));
  std::string dims;
  for (const auto dim : shape) dims += number(1, dim);
  return field(5, dims + number(2, kInt64Elements) + field(8, name) + field(9, bytes));
}

std::string floats(std::string_view name, std::string_view bytes) {
  return field(5, number(1, bytes.size() / 4) + number(2, kFloatElements) + field(8, name) +
                      field(9, bytes));
}

const std::string kOut = field(12, value_info("y", kFloatElements, {4}));
const std::string kInAndOut = field(11, value_info("x", kFloatElements, {4})) + kOut;

// y = x + the largest of `what`, so many times in a row.
std::string tiled(std::string_view what, std::uint64_t times) {
  return model_of(field(1, node("Tile", {std::string(what), "times"}, "many")) +
                  field(1, node("ReduceMax", {"many"}, "most")) +
                  field(1, node("Add", {"x", "most"}, "y")) + whole_number("times", times, {1}) +
                  floats("weights", std::string(16, '\0')) + kInAndOut);
}

// y = x, after so many turns.
std::string looping(std::uint64_t times) {
  const std::string body = field(1, node("Identity", {"c"}, "c2")) +
                           field(1, node("Identity", {"v"}, "v2")) + field(2, "body") +
                           field(11, value_info("n", kInt64Elements, {})) +
                           field(11, value_info("c", kBoolElements, {})) +
                           field(11, value_info("v", kFloatElements, {4})) +
                           field(12, value_info("c2", kBoolElements, {})) +
                           field(12, value_info("v2", kFloatElements, {4}));
  const std::string loop = node("Loop", {"times", "", "x"}, "y") +
                           field(5, field(1, "body") + field(6, body) + number(20, 5));
  return model_of(field(1, loop) + whole_number("times", times, {}) + kInAndOut);
}

class ModelLimits : public testing::Test {
 protected:
  void open(std::uint64_t memory, Duration time) {
    device_ = open_onnx({.threads = 2, .model_memory = memory, .run_limit = time}).value();
  }
  Result<std::unique_ptr<TensorModel>> load(const std::string& content) {
    return device_->load_tensor({dir_.file("graph.onnx", content)}, {}, context_);
  }
  Status run(TensorModel& model) {
    const std::vector<float> in(4, 1.0F);
    std::vector<float> out(4);
    const TensorView from{DType::kFloat32, {4}, std::as_bytes(std::span(in))};
    const MutableTensorView to{DType::kFloat32, {4}, std::as_writable_bytes(std::span(out))};
    return model.run(std::span(&from, 1), std::span(&to, 1), context_);
  }

  fakes::FakeContext context_;
  fakes::TempDir dir_;
  std::unique_ptr<Device> device_;
};

// An allocation that fails ends a program that was built with sanitizers.
bool can_run_out_of_memory() { return std::getenv("NPU_SANITIZE") == nullptr; }

TEST_F(ModelLimits, A_run_that_takes_too_much_memory_fails_and_the_next_one_does_not) {
  if (!can_run_out_of_memory()) GTEST_SKIP();
  open(64 * kMiB, Duration::max());
  const auto modest = load(tiled("x", 1 << 20));
  const auto greedy = load(tiled("x", std::uint64_t{1} << 30));
  ASSERT_TRUE(modest && greedy);
  for (int i = 0; i < 3; ++i) {
    const Status ran = run(**greedy);
    ASSERT_FALSE(ran);
    EXPECT_EQ(ran.error().code, ErrorCode::kUnsupported);
    EXPECT_EQ(ran.error().message,
              "the model needs more memory than it may take, 64 MiB (limits.model_memory_bytes)");
    EXPECT_TRUE(run(**modest));
  }
}

TEST_F(ModelLimits, A_load_that_computes_too_large_constants_fails) {
  if (!can_run_out_of_memory()) GTEST_SKIP();
  open(64 * kMiB, Duration::max());
  const auto loaded = load(tiled("weights", std::uint64_t{1} << 30));
  // The runtime may leave the constant for the run.
  const Status done = loaded ? run(**loaded) : fail(loaded.error());
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, ErrorCode::kUnsupported) << done.error().message;
}

// Memory that the process has and does not touch.
class Ballast {
 public:
  explicit Ballast(std::uint64_t bytes)
      : bytes_(bytes),
        at_(::mmap(nullptr, bytes, PROT_READ | PROT_WRITE,
                   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0)) {}
  ~Ballast() {
    if (here()) ::munmap(at_, bytes_);
  }
  Ballast(const Ballast&) = delete;
  Ballast& operator=(const Ballast&) = delete;
  bool here() const { return at_ != MAP_FAILED; }

 private:
  std::uint64_t bytes_;
  void* at_;
};

TEST_F(ModelLimits, Where_all_models_together_have_too_much_none_of_them_is_blamed) {
  if (!can_run_out_of_memory()) GTEST_SKIP();
  open(0, Duration::max());
  const std::string large = model_of(field(1, node("ReduceMax", {"weights"}, "most")) +
                                     field(1, node("Add", {"x", "most"}, "y")) +
                                     floats("weights", std::string(32 * kMiB, '\0')) + kInAndOut);
  const auto modest = load(tiled("x", 1 << 22));
  ASSERT_TRUE(modest);
  {
    const Ballast others(device_->info().memory_bytes);
    if (!others.here()) GTEST_SKIP() << "this machine gives nobody so much memory";
    for (const Status& failed : {load(large).map([](const auto&) {}), run(**modest)}) {
      ASSERT_FALSE(failed);
      EXPECT_EQ(failed.error().code, ErrorCode::kOverloaded);
      EXPECT_NE(failed.error().message.find("unload some"), std::string::npos);
    }
  }
  EXPECT_TRUE(load(large) && run(**modest));
}

TEST_F(ModelLimits, A_run_that_does_not_end_is_ended_and_the_next_one_is_not) {
  open(0, 300ms);
  const auto shorter = load(looping(10));
  const auto endless = load(looping(std::uint64_t{1} << 62));
  ASSERT_TRUE(shorter && endless);
  for (int i = 0; i < 2; ++i) {
    const Status ran = run(**endless);
    ASSERT_FALSE(ran);
    EXPECT_EQ(ran.error().code, ErrorCode::kDeadlineExceeded);
    EXPECT_EQ(ran.error().message,
              "the model ran for longer than it may, 0.3 s (policy.infer_timeout)");
    EXPECT_TRUE(run(**shorter));
  }
}

TEST(MemoryLimit, Grows_with_the_file_unless_it_is_set) {
  EXPECT_EQ(MemoryLimit(0).for_file(1), 512 * kMiB);
  EXPECT_EQ(MemoryLimit(0).for_file(100 * kMiB), 1600 * kMiB);
  EXPECT_EQ(MemoryLimit(7).for_file(100 * kMiB), 7U);
}

TEST(MemoryLimit, Is_put_back) {
  if (!can_run_out_of_memory()) GTEST_SKIP();
  rlimit before{};
  rlimit after{};
  ::getrlimit(RLIMIT_DATA, &before);
  {
    const MemoryLimit limit(kMiB);
    const MemoryLimit::Bound bound(limit, kMiB);
    rlimit within{};
    ::getrlimit(RLIMIT_DATA, &within);
    EXPECT_LT(within.rlim_cur, before.rlim_cur);
  }
  ::getrlimit(RLIMIT_DATA, &after);
  EXPECT_EQ(after.rlim_cur, before.rlim_cur);
}

}  // namespace
}  // namespace npu::device

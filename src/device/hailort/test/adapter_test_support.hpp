// Tests of the adapter on the fake HailoRT: one simulated chip in this process.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "device/device.hpp"
#include "device/hailort/loader.hpp"
#include "device/registry.hpp"
#include "fakes/hailort/fake_hef.hpp"
#include "fakes/temp_dir.hpp"

namespace npu::device::hailort {

// Does not wait; notes how long it should have.
class TestContext : public RunContext {
 public:
  bool cancelled() override { return cancel; }
  bool wait_until(SteadyTime when) override {
    waits.push_back(when - std::chrono::steady_clock::now());
    return !cancel;
  }
  void while_waiting(const std::function<void()>& wait) override {
    if (meanwhile) std::exchange(meanwhile, {})();
    wait();
  }
  Priority priority() const override { return urgency; }

  bool cancel = false;
  Priority urgency = Priority::kInteractive;
  // Runs once, when the run is under way.
  std::function<void()> meanwhile;
  std::vector<Duration> waits;
};

// As the worker's: who holds the turn may call the device.
class TurnContext final : public TestContext {
 public:
  TurnContext(std::mutex& turn, Priority of) : turn_(turn) { urgency = of; }
  void while_waiting(const std::function<void()>& wait) override {
    if (meanwhile) std::exchange(meanwhile, {})();
    turn_.unlock();
    wait();
    turn_.lock();
  }

 private:
  std::mutex& turn_;
};

// Input and output memory of one run.
struct Tensors {
  explicit Tensors(const TensorModel& model);
  void fill(std::uint8_t seed);
  std::vector<TensorView> inputs() const;
  std::vector<MutableTensorView> outputs();
  std::vector<float> floats(std::size_t output) const;

  std::vector<Tensor> in;
  std::vector<Tensor> out;
};

class AdapterTest : public testing::Test {
 protected:
  AdapterTest();
  // folder: of profile, faults, state and models. A device that is left behind goes on using it.
  explicit AdapterTest(const fakes::TempDir& folder);
  ~AdapterTest() override;

  void environment(const std::string& name, const std::string& value);
  // A file below the made-up /sys, /proc and /dev.
  void write(const std::string& file, const std::string& text) const;
  // Before the device is opened.
  void profile(const std::string& yaml);
  // A list of faults; replaces the last one.
  void faults(const std::string& yaml);

  Result<std::unique_ptr<Device>> try_open(const OpenOptions& options = {});
  Device& device();  // opened at the first call
  void open(const OpenOptions& options);
  // Makes the file. body: description of the model; see tests/fakes/hailort/README.md.
  ModelFile hef(const std::string& name, const std::string& body);
  Result<std::unique_ptr<TensorModel>> try_load(const std::string& name, const std::string& body,
                                                const TensorOptions& options = {});
  std::unique_ptr<TensorModel> load(const std::string& name, const std::string& body,
                                    const TensorOptions& options = {});
  // For a device that was lost: it must not be destroyed.
  void leave_behind(std::unique_ptr<TensorModel> model);
  void leave_device_behind();

  // What the simulated device makes of these inputs: (sum + 977 * output) % 1000.
  static int expected(const std::string& model, const std::vector<Tensor>& inputs, int output);

  TestContext context_;

 private:
  const std::unique_ptr<fakes::TempDir> own_dir_;

 protected:
  const fakes::TempDir& dir_;

 private:
  void describe_chip();

  std::vector<std::string> variables_;
  std::unique_ptr<Device> device_;
};

// One picture in, one number a cell out; takes no time.
inline constexpr const char* kPlain = R"(
kind: tensor
inputs: [{name: plain/in, dtype: uint8, shape: [8, 8, 3]}]
outputs: [{name: plain/out, dtype: float32, shape: [4, 4, 2]}]
)";

}  // namespace npu::device::hailort

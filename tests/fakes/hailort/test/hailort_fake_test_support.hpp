// A chip of a test's own, described by a profile, and programs that share it.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "base/unique_fd.hpp"
#include "fakes/hailort/fake_hef.hpp"
#include "fakes/temp_dir.hpp"
#include "hailo/hailort.hpp"

namespace npu::fakes {

using namespace std::chrono_literals;

// Times of models and of the runtime are a tenth of what they say: a remote call is given up after
// a second, a group is waited for half a second.
inline constexpr const char* kScale = "0.1";

class Peer;

class FakeBench : public testing::Test {
 protected:
  FakeBench();
  ~FakeBench() override;

  void set(const char* variable, const std::string& value);
  // The fault file, from now on.
  void faults(const std::string& list) { folder.file("faults", "faults:\n" + list); }
  void no_faults() { folder.file("faults", "faults: []\n"); }

  // A HEF whose model the profile has, or that describes itself.
  std::string model(const std::string& stem, const std::string& body = {}) {
    return folder.file(stem + ".hef", hef(body));
  }

  static hailo_vdevice_params_t params(const char* group);
  std::shared_ptr<hailort::VDevice> vdevice(const char* group = "SHARED");
  hailo_status vdevice_status(const char* group);
  hailort::ConfiguredInferModel configured(hailort::VDevice& on, const std::string& path);
  hailo_status configure_status(hailort::VDevice& on, const std::string& path);

  const TempDir folder;
};

// One inference of the model "camera".
struct Shot {
  explicit Shot(hailort::ConfiguredInferModel& model, std::uint8_t value = 1);

  std::vector<std::uint8_t> input;
  std::vector<std::uint16_t> output;
  hailort::ConfiguredInferModel::Bindings bindings;
};

// peer.cpp, which does one command after the other.
class Peer {
 public:
  Peer();
  ~Peer();
  Peer(const Peer&) = delete;
  Peer& operator=(const Peer&) = delete;

  // Its answer: one line.
  std::string say(const std::string& command);
  void send(const std::string& command);
  std::string hear();
  bool answers_within(std::chrono::milliseconds time);
  void kill();

 private:
  pid_t pid_ = -1;
  UniqueFd to_;
  UniqueFd from_;
};

}  // namespace npu::fakes

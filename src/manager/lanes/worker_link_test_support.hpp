// For tests: a link whose worker is the test, and an owner that notes what it hears of it.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "manager/lanes/lane_fakes_test_support.hpp"
#include "manager/lanes/worker_link.hpp"

namespace npu::manager {

class WorkerLinkFixture : public testing::Test, protected WorkerLink::Owner {
 protected:
  void SetUp() override { start(Lane::kVision); }

  // The former one is gone.
  void start(Lane lane, const std::string& device = "auto") {
    auto [worker, spawned] = FakeWorker::start(io_);
    worker_ = std::move(worker);
    WorkerLink::Owner& owner = *this;
    link_ =
        std::make_shared<WorkerLink>(lane, device, std::move(spawned), regions_, reports_, owner);
    regions_.on_end([this](RegionNumber number) { link_->drop_region(number); });
    link_->start();
    told_.clear();
  }
  ~WorkerLinkFixture() override { regions_.on_end(nullptr); }

  WorkerLink& link() { return *link_; }
  FakeWorker& worker() { return *worker_; }
  // All that was told but that something was.
  std::vector<std::string> answers() const {
    std::vector<std::string> answers = told_;
    std::erase(answers, "settle");
    return answers;
  }

  std::shared_ptr<InferWork> work() {
    auto work = std::make_shared<InferWork>();
    work->client = quota_.client(1000);
    work->input = "{}";
    return work;
  }
  RegionPtr region(std::size_t bytes) { return regions_.add(SharedMemory::create(bytes).value()); }

  boost::asio::io_context io_{1};
  ClientQuota quota_{ClientLimits{}};
  RegionRegistry regions_;
  std::vector<std::string> told_;  // in its order
  NotedReports reports_{told_};
  device::DeviceInfo info_;
  std::size_t output_took_ = 0;

 private:
  void worker_ready(Lane, const device::DeviceInfo& info) override {
    info_ = info;
    told_.emplace_back("ready");
  }
  void worker_lost(Lane, const Error& why) override {
    told_.push_back(fmt::format("lost: {}: {}", wire_name(why.code), why.message));
  }
  void worker_stuck(Lane, const std::string& reason) override {
    told_.push_back("stuck: " + reason);
  }
  void model_loaded(Lane, const std::string& key) override {
    told_.push_back("model_loaded " + key);
  }
  void output_took(const std::string&, std::size_t bytes) override { output_took_ = bytes; }
  void device_read(const device::Telemetry& readings) override {
    told_.push_back(fmt::format("read {}", readings.temperature_celsius.value_or(-1)));
  }
  void settle() override { told_.emplace_back("settle"); }

  std::shared_ptr<FakeWorker> worker_;
  std::shared_ptr<WorkerLink> link_;
};

}  // namespace npu::manager

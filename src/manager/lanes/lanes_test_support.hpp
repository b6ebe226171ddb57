// For tests: lanes whose workers are the test, and who looks on noting what he hears.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "base/clock.hpp"
#include "manager/lanes/lane_fakes_test_support.hpp"
#include "manager/lanes/lanes.hpp"

namespace npu::manager {

class LanesFixture : public testing::Test, private Lanes::Watcher {
 protected:
  LanesFixture() {
    options_.device = "auto";
    options_.spawn = [this](boost::asio::io_context& io, const std::string& program,
                            const std::vector<std::string>& arguments,
                            Duration) { return spawn(io, program, arguments); };
  }

  // Made with the options as they are at the first call.
  Lanes& lanes() {
    if (!lanes_) {
      Lanes::Watcher& watcher = *this;
      lanes_ = std::make_unique<Lanes>(io_, options_, regions_, slabs_, watcher);
      lanes_->report_to(reports_);
    }
    return *lanes_;
  }
  // The latest.
  FakeWorker& worker() { return *workers_.back(); }
  void bring_up(Lane lane) {
    lanes().start(lane);
    worker().be_ready();
    told_.clear();
  }
  void run() {
    io_.restart();
    io_.poll();
  }
  // For a timer that is due now.
  void run_until(const std::function<bool()>& is_so) {
    while (!is_so()) {
      io_.restart();
      if (io_.run_one_for(std::chrono::seconds(10)) == 0) FAIL() << "nothing happens any more";
    }
  }
  // Since it was asked last.
  std::vector<std::string> told() { return std::exchange(told_, {}); }

  void load(Lane lane, broker::JobId job, const std::string& key) {
    lanes().load(lane, job, model_named(key));
    worker().say(wire::report::Done{job, wire::report::Loaded{}});
  }
  std::shared_ptr<InferWork> infer(Lane lane, broker::JobId job, const std::string& key,
                                   std::optional<OutputPlace> output = {}) {
    broker::Request request;
    request.connection = 7;
    request.work = std::make_shared<InferWork>();
    request.work->client = client_;
    request.work->input = "{}";
    request.work->output = std::move(output);
    lanes().infer(lane, job, model_named(key), request, Priority::kInteractive);
    return request.work;
  }
  // Jobs 1 to 5.
  void order_everything(Lane lane) {
    lanes().load(lane, 1, model_named("m"));
    infer(lane, 2, "m");
    lanes().unload(lane, 3, model_named("m"));
    lanes().release_group(lane, 4);
    lanes().telemetry(lane, 5);
    lanes().abort(lane, 2);
  }

  boost::asio::io_context io_{1};
  LaneOptions options_;
  FakeClock clock_;
  ClientQuota quota_{ClientLimits{}};
  ClientQuota::Client client_ = quota_.client(1000);
  RegionRegistry regions_;
  SlabPool slabs_{regions_, clock_, 0};
  std::vector<std::shared_ptr<FakeWorker>> workers_;
  std::string program_;
  std::vector<std::string> arguments_;
  std::optional<Error> cannot_start_;
  std::function<void()> on_start_ = [] {};
  int starts_ = 0;
  std::optional<double> temperature_;

 private:
  Result<WorkerProcess::Spawned> spawn(boost::asio::io_context& io, const std::string& program,
                                       const std::vector<std::string>& arguments) {
    ++starts_;
    if (cannot_start_) return fail(*cannot_start_);
    on_start_();
    program_ = program;
    arguments_ = arguments;
    auto [worker, spawned] = FakeWorker::start(io);
    workers_.push_back(std::move(worker));
    return std::move(spawned);
  }

  void worker_up(Lane lane, const device::DeviceInfo& info) override {
    told_.push_back(fmt::format("watcher: {} up on {}", name_of(lane), info.id));
  }
  void worker_lost(Lane lane, const Error& why) override {
    told_.push_back(fmt::format("watcher: {} lost: {}", name_of(lane), why.message));
  }
  void worker_stuck(Lane lane, const std::string& reason) override {
    told_.push_back(fmt::format("watcher: {} stuck: {}", name_of(lane), reason));
  }
  void device_read(const device::Telemetry& readings) override {
    temperature_ = readings.temperature_celsius;
  }
  void settle() override {}

  std::vector<std::string> told_;
  NotedReports reports_{told_};
  std::unique_ptr<Lanes> lanes_;
};

}  // namespace npu::manager

// For tests: what a session uses of the manager, without the manager.
//
// No broker and no worker: requests are noted, and end when the test says so. Time stands still.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>

#include "base/clock.hpp"
#include "fakes/temp_dir.hpp"
#include "manager/clients/session.hpp"
#include "manager/clients/session_host.hpp"

namespace npu::manager {

class FakeSessionHost final : public SessionHost {
 public:
  explicit FakeSessionHost(const ClientLimits& limits = {}) : quota(limits) {}
  ~FakeSessionHost() override {
    codec_.reset();
    sessions.clear();
    turns_.clear();
    touched_.clear();
  }
  FakeSessionHost(const FakeSessionHost&) = delete;
  FakeSessionHost& operator=(const FakeSessionHost&) = delete;

  // All that can happen now.
  void run() {
    io_.restart();
    io_.poll();
    settle();
  }
  // Until that is so, where a codec thread or a timer of a few milliseconds sees to it.
  void run_until(const std::function<bool()>& is_so) {
    while (!is_so()) {
      io_.restart();
      if (io_.run_one_for(std::chrono::seconds(10)) == 0) FAIL() << "nothing happens any more";
    }
  }
  // As the broker does: from outside of any call of a session.
  void complete(broker::RequestId id, broker::Outcome outcome) {
    broker::Request& request = submitted.at(id - 1);
    outcome.kind = request.kind;
    const auto session = sessions.find(request.connection);
    if (session != sessions.end()) session->second->completed(id, std::move(outcome));
    request.work.reset();
    settle();
  }
  void fail_with(broker::RequestId id, Error error) {
    complete(id, {.status = fail(std::move(error))});
  }
  void send_event(broker::RequestId id, boost::json::object event) {
    const auto session = sessions.find(submitted.at(id - 1).connection);
    if (session != sessions.end()) session->second->event(id, InferEvent{std::move(event)});
    settle();
  }

  FakeClock time;
  Config settings;
  fakes::TempDir folder;  // of models
  ClientQuota quota;

  // What the manager says to a session.
  Status ready;
  std::optional<Error> refusal;     // to every request for a model
  std::function<void()> on_submit;  // before
  bool cancels = true;              // what is asked for
  boost::json::object status_body{{"status", "ok"}};

  // What sessions have told it. The first request has the number 1.
  std::vector<broker::Request> submitted;
  std::vector<broker::RequestId> cancelled;
  std::vector<Session*> subscribed;
  std::vector<broker::ConnectionId> gone;
  int statuses = 0;
  std::unordered_map<broker::ConnectionId, std::shared_ptr<Session>> sessions;

  boost::asio::io_context& io() override { return io_; }
  const Config& config() const override { return settings; }
  const Clock& clock() const override { return time; }
  CodecPool& codec() override {
    if (!codec_) codec_ = CodecPool::create(io_, 1).value();
    return *codec_;
  }
  SlabPool& slabs() override { return slabs_; }
  RegionRegistry& regions() override { return regions_; }
  PayloadBudget& budget() override { return budget_; }
  RefusalPace& refusals() override { return refusals_; }
  LoopTurns& turns() override { return turns_; }
  Status device_ready() override { return ready; }
  ModelTable& models() override { return models_; }

  Result<broker::RequestId> submit(broker::Request request) override {
    if (on_submit) on_submit();
    if (refusal) return fail(*refusal);
    submitted.push_back(std::move(request));
    return submitted.size();
  }
  bool cancel(broker::RequestId request) override {
    cancelled.push_back(request);
    return cancels;
  }
  boost::json::object status(std::size_t) override {
    ++statuses;
    return status_body;
  }
  boost::json::object device_status(std::size_t) override { return {{"status", "device"}}; }
  void subscribe(Session& session) override { subscribed.push_back(&session); }
  void touch(std::shared_ptr<Session> session) override { touched_.push_back(std::move(session)); }
  void settle() override {
    if (std::exchange(settling_, true)) return;
    while (!touched_.empty()) {
      const auto session = std::move(touched_.back());
      touched_.pop_back();
      session->settle();
    }
    budget_.serve();
    settling_ = false;
  }
  void closed(Session& session) override {
    gone.push_back(session.id());
    sessions.erase(session.id());
  }

 private:
  boost::asio::io_context io_{1};
  RegionRegistry regions_;
  SlabPool slabs_{regions_, time, 0};
  PayloadBudget budget_{quota};
  RefusalPace refusals_;
  LoopTurns turns_{io_};
  ModelTable models_{
      store::Resolver(store::ModelDirs({folder.path("")}), store::Catalogue(), "sim", "hailo10h"),
      "sim", [](const std::string&) { return false; }};
  std::vector<std::shared_ptr<Session>> touched_;
  std::unique_ptr<CodecPool> codec_;
  bool settling_ = false;
};

}  // namespace npu::manager

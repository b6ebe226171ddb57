// For tests: workers whose part the test plays, and a broker that notes what lanes report.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "base/error_table.hpp"
#include "base/lane.hpp"
#include "base/unix_socket.hpp"
#include "base/version.hpp"
#include "broker/lane_reports.hpp"
#include "manager/lanes/worker_process.hpp"
#include "manager/memory/payloads.hpp"
#include "wire/frame.hpp"
#include "wire/worker_messages.hpp"

namespace npu::manager {

inline broker::ModelSpec model_named(std::string key) {
  broker::ModelSpec model;
  model.key = std::move(key);
  auto order = std::make_shared<LoadOrder>();
  order->params = "{}";
  model.load = std::move(order);
  return model;
}

class FakeWorker final : public WorkerProcess {
 public:
  explicit FakeWorker(boost::asio::io_context& io) : io_(io) {}

  // It, and the manager's end of its link.
  static std::pair<std::shared_ptr<FakeWorker>, Spawned> start(boost::asio::io_context& io) {
    auto pair = unix_pair().value();
    EXPECT_TRUE(set_nonblocking(pair.first.get(), true));
    EXPECT_TRUE(set_nonblocking(pair.second.get(), true));
    auto worker = std::make_shared<FakeWorker>(io);
    worker->socket_ = std::move(pair.second);
    return {worker, Spawned{worker, watch(io, pair.first).value()}};
  }

  void say(const wire::Report& report, int fd = -1) { say_raw(wire::encode(report), fd); }
  void say_raw(std::string_view bytes, int fd = -1) {
    write(bytes, fd);
    io_.restart();
    io_.poll();
  }
  // The same, but the manager has not read it yet.
  void write(std::string_view bytes, int fd = -1) {
    const iovec part{const_cast<char*>(bytes.data()), bytes.size()};
    const auto sent = npu::send(socket_.get(), std::span(&part, 1),
                                fd < 0 ? std::span<const int>() : std::span(&fd, 1));
    EXPECT_EQ(sent.bytes, bytes.size());
  }
  void hang_up() {
    socket_.reset();
    io_.restart();
    io_.poll();
  }
  void be_ready(device::DeviceInfo device = {.kind = "fake", .id = "fake:0"}) {
    say(wire::report::Ready{version(), std::move(device)});
  }

  // The next order that has come, which has to be this one.
  template <class Order>
  Order next() {
    const auto order = next_order();
    EXPECT_TRUE(order) << "no order";
    const auto* found = order ? std::get_if<Order>(&order->order) : nullptr;
    EXPECT_NE(found, nullptr) << "another order";
    if (order) json_ = order->json;
    return found != nullptr ? *found : Order();
  }
  std::optional<wire::ReceivedOrder> next_order() {
    for (;;) {
      if (const auto payload = reader_.next()) {
        auto order = wire::decode_order(payload->bytes);
        EXPECT_TRUE(order) << order.error().message;
        return order ? std::optional(std::move(*order)) : std::nullopt;
      }
      io_.restart();
      io_.poll();
      const IoResult got = receive(socket_.get(), reader_.prepare(), fds_);
      link_closed_ = link_closed_ || got.kind == IoResult::Kind::kEof;
      if (got.kind != IoResult::Kind::kOk) return std::nullopt;
      EXPECT_TRUE(reader_.commit(got.bytes));
    }
  }
  // What came with the last Load or Infer.
  const boost::json::object& json() const { return json_; }
  // The first of the descriptors that have come.
  UniqueFd take_fd() {
    if (fds_.empty()) return {};
    UniqueFd fd = std::move(fds_.front());
    fds_.erase(fds_.begin());
    return fd;
  }
  // Whether the manager has closed the link; drops what came before.
  bool is_link_closed() {
    while (next_order()) {
    }
    return link_closed_;
  }

  bool is_killed() const { return killed_; }
  void exit(const std::string& how) {
    if (const auto callback = std::exchange(on_exit_, nullptr)) callback(how);
    hang_up();
  }
  void hang(const std::string& how) { on_stuck_(how); }

  void on_exit(std::function<void(std::string)> callback) override {
    on_exit_ = std::move(callback);
  }
  void on_stuck(std::function<void(std::string)> callback) override {
    on_stuck_ = std::move(callback);
  }
  void kill() override { killed_ = true; }
  pid_t pid() const override { return 4711; }

 private:
  boost::asio::io_context& io_;
  UniqueFd socket_;
  wire::FrameReader reader_{wire::kMaxWorkerMessage};
  std::vector<UniqueFd> fds_;
  boost::json::object json_;
  bool link_closed_ = false;
  bool killed_ = false;
  std::function<void(std::string)> on_exit_;
  std::function<void(std::string)> on_stuck_;
};

// Each report is a line: "inferred 3: ok".
class NotedReports final : public broker::LaneReports {
 public:
  explicit NotedReports(std::vector<std::string>& told) : told_(told) {}

  std::map<broker::JobId, broker::LoadedInfo> loads;
  std::map<broker::JobId, std::shared_ptr<InferResult>> results;
  std::function<void()> on_answer = [] {};  // before

  void loaded(broker::JobId job, Result<broker::LoadedInfo> result) override {
    on_answer();
    told_.push_back(fmt::format("loaded {}: {}", job, text_of(result)));
    if (result) loads[job] = *result;
  }
  void progressed(broker::JobId job) override { told_.push_back(fmt::format("progress {}", job)); }
  void event(broker::JobId job, InferEvent&& event) override {
    told_.push_back(fmt::format("event {} {}", job, boost::json::serialize(event.value)));
  }
  void inferred(broker::JobId job, Result<std::shared_ptr<InferResult>> result) override {
    on_answer();
    told_.push_back(fmt::format("inferred {}: {}", job, text_of(result)));
    if (result) results[job] = *result;
  }
  void unloaded(broker::JobId job, Status result) override {
    told_.push_back(fmt::format("unloaded {}: {}", job, text_of(result)));
  }
  void telemetry_read(broker::JobId job) override {
    told_.push_back(fmt::format("telemetry {}", job));
  }
  void up(Lane lane, std::size_t runs_at_once) override {
    told_.push_back(fmt::format("{} up, {} at once", name_of(lane), runs_at_once));
  }
  void lost(Lane lane, const Error& why) override {
    told_.push_back(
        fmt::format("{} lost: {}: {}", name_of(lane), wire_name(why.code), why.message));
  }
  void stuck(Lane lane, const std::string& reason) override {
    told_.push_back(fmt::format("{} stuck: {}", name_of(lane), reason));
  }

 private:
  template <class T>
  static std::string text_of(const Result<T>& result) {
    if (result) return "ok";
    return fmt::format("{}: {}", wire_name(result.error().code), result.error().message);
  }

  std::vector<std::string>& told_;
};

}  // namespace npu::manager

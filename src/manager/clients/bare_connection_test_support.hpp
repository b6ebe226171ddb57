// For tests: an owner that does nothing with what its connection brings, but for telling.
#pragma once

#include <functional>
#include <memory>
#include <utility>

#include "manager/clients/connection.hpp"

namespace npu::manager {

class BareConnection final : public std::enable_shared_from_this<BareConnection>,
                             private Connection::Owner {
 public:
  BareConnection(WatchedFd socket, Admission admission, std::size_t max_message,
                 Connection::Shared shared)
      : connection(*this, std::move(socket), std::move(admission), max_message, shared) {}

  Connection connection;
  std::function<void()> each_frame = [] {};

 private:
  std::shared_ptr<void> keep_alive() override { return shared_from_this(); }
  bool ready_for_frame() const override { return true; }
  bool idle() const override { return true; }
  void on_frame(InFrame) override { each_frame(); }
  void on_unreceivable(const Error&) override {}
  void on_closed() override {}
  void on_settled() override {}
  void attend_later() override {}
};

}  // namespace npu::manager

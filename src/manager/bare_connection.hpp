// For tests: a connection that does nothing with what it is sent, but for telling.
#pragma once

#include <functional>
#include <string_view>

#include "manager/connection.hpp"

namespace npu::manager {

class BareConnection final : public Connection {
 public:
  using Connection::Connection;
  using Connection::send;
  std::string_view why() const { return close_reason(); }

  std::function<void()> each_frame = [] {};

 private:
  bool ready_for_frame() const override { return true; }
  bool idle() const override { return true; }
  void on_frame(InFrame) override { each_frame(); }
  void on_unreceivable(const Error&) override {}
  void on_closed() override {}
  void on_settled() override {}
  void attend_later() override {}
};

}  // namespace npu::manager

// A loop and a client for one test coroutine.
#pragma once

#include <exception>
#include <utility>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <gtest/gtest.h>

#include <npu/client.hpp>

#include "client/client_test_support.hpp"

namespace npu {

inline InferInput plain(boost::json::value value) {
  return InferInput().field("input", std::move(value));
}

class DeviceClientTest : public testing::Test {
 protected:
  // Runs the coroutine to its end on a loop of its own, with a client of its own.
  template <class Body>
  void with_client(const ClientOptions& options, Body body) {
    boost::asio::io_context io;
    std::exception_ptr thrown;
    {
      DeviceClient client(io.get_executor(), options);
      boost::asio::co_spawn(
          io,
          [&]() -> boost::asio::awaitable<void> {
            co_await body(client);
            client.close();
          },
          [&](std::exception_ptr error) { thrown = error; });
      io.run();
    }
    io.restart();
    io.run();
    if (thrown) std::rethrow_exception(thrown);
  }
};

}  // namespace npu

// The routes of a service, asked without a server, in front of a network that is none.
#pragma once

#include <string>
#include <utility>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>
#include <boost/json.hpp>
#include <gtest/gtest.h>

#include "http/json_body.hpp"
#include "http/router.hpp"
#include "http/work_pool.hpp"
#include "json/write.hpp"
#include "media/png_encode.hpp"
#include "services/kit/fake_network_test_support.hpp"
#include "tensor/base64.hpp"

namespace npu::kit {

class RoutesTest : public ::testing::Test {
 protected:
  Result<http::Response> ask(http::Method method, const std::string& path, http::Request request) {
    const auto match = router_.find(method, path);
    return run(match->route->handler(std::move(request)));
  }

  Result<boost::json::value> ask_json(http::Method method, const std::string& path,
                                      http::Request request) {
    const auto response = ask(method, path, std::move(request));
    if (!response) return fail(response.error());
    return http::parse_json(response->body);
  }

  // Fields beside a picture of 128 x 64 pixels. In an input of 64 x 64 it lies from row 16 to 48,
  // at half its size. type: "" for none.
  Result<boost::json::value> post(const std::string& path, boost::json::object fields,
                                  const std::string& type = "application/json") {
    const std::string image = media::encode_png(media::Image(128, 64, 3));
    fields["image"] = base64_encode(std::as_bytes(std::span(image)));
    http::Request request;
    if (!type.empty()) request.headers.set("Content-Type", type);
    request.body = npu::json::write(fields);
    return ask_json(http::Method::kPost, path, std::move(request));
  }

  template <class T>
  T run(boost::asio::awaitable<T> work) {
    auto done = boost::asio::co_spawn(io_, std::move(work), boost::asio::use_future);
    io_.restart();
    io_.run();
    return done.get();
  }

  boost::asio::io_context io_;
  FakeState network_;
  http::WorkPool pool_{{.threads = 1}};
  http::Router router_;
};

}  // namespace npu::kit

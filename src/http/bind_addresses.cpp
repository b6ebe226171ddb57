#include <algorithm>

#include <fmt/format.h>

#include "base/ascii.hpp"
#include "http/listener.hpp"

namespace npu::http {
namespace asio = boost::asio;
using tcp = asio::ip::tcp;

namespace {

void add_new(std::vector<BindAddress>& all, const BindAddress& address) {
  const bool known = std::ranges::find(all, address.endpoint, &BindAddress::endpoint) != all.end();
  if (!known) all.push_back(address);
}

Result<std::vector<BindAddress>> addresses_of(const asio::any_io_executor& executor,
                                              const std::string& host, std::uint16_t port) {
  if (host == "*") {
    return std::vector<BindAddress>{{{tcp::v4(), port}}, {{tcp::v6(), port}, true}};
  }
  std::string name = host;
  if (name.size() > 2 && name.front() == '[' && name.back() == ']') {
    name = name.substr(1, name.size() - 2);
  }
  boost::system::error_code error;
  const auto address = asio::ip::make_address(name, error);
  if (!error) return std::vector<BindAddress>{{{address, port}}};
  tcp::resolver resolver(executor);
  const auto found = resolver.resolve(name, std::to_string(port), tcp::resolver::passive, error);
  if (error || found.empty()) {
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("cannot resolve the host {}: {}; an address, a name or * for all "
                            "addresses is expected",
                            host, error.message()));
  }
  std::vector<BindAddress> all;
  for (const auto& entry : found) {
    const tcp::endpoint endpoint = entry.endpoint();
    add_new(all, {endpoint, endpoint.protocol() == tcp::v6()});
  }
  return all;
}

}  // namespace

Result<std::vector<BindAddress>> bind_addresses(const asio::any_io_executor& executor,
                                                const std::string& host, std::uint16_t port) {
  if (trim(host).empty()) return addresses_of(executor, "127.0.0.1", port);
  std::vector<BindAddress> all;
  for (std::size_t begin = 0; begin <= host.size();) {
    const auto comma = std::min(host.find(',', begin), host.size());
    const std::string one(trim(std::string_view(host).substr(begin, comma - begin)));
    begin = comma + 1;
    if (one.empty()) {
      return fail(ErrorCode::kInvalidArgument,
                  fmt::format("the host {} has a comma too many", host));
    }
    const auto found = addresses_of(executor, one, port);
    if (!found) return found;
    for (const auto& address : *found) add_new(all, address);
  }
  return all;
}

}  // namespace npu::http

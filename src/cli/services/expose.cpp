#include "cli/services/expose.hpp"

#include <algorithm>
#include <memory>

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace npu::cli {
namespace {

constexpr const char* kOwnHost = "127.0.0.1";
constexpr const char* kAllHosts = "*";

bool is_v6(std::string_view address) { return address.find(':') != std::string_view::npos; }

std::string with_brackets(const std::string& address) {
  return is_v6(address) ? "[" + address + "]" : address;
}

std::string numeric(const sockaddr* address) {
  char text[INET6_ADDRSTRLEN] = "";
  if (address->sa_family == AF_INET) {
    ::inet_ntop(AF_INET, &reinterpret_cast<const sockaddr_in*>(address)->sin_addr, text,
                sizeof(text));
  } else if (address->sa_family == AF_INET6) {
    const auto& v6 = reinterpret_cast<const sockaddr_in6*>(address)->sin6_addr;
    if (!IN6_IS_ADDR_LINKLOCAL(&v6)) ::inet_ntop(AF_INET6, &v6, text, sizeof(text));
  }
  return text;
}

// As the kernel writes it; "" for what is none.
std::string normal(const std::string& address) {
  unsigned char bytes[sizeof(in6_addr)];
  char text[INET6_ADDRSTRLEN] = "";
  for (const int family : {AF_INET, AF_INET6}) {
    if (::inet_pton(family, address.c_str(), bytes) != 1) continue;
    ::inet_ntop(family, bytes, text, sizeof(text));
  }
  return text;
}

std::string list(const std::vector<Interface>& all) {
  std::vector<std::string> texts(all.size());
  std::ranges::transform(all, texts.begin(), [](const Interface& one) {
    return fmt::format("{} ({})", one.address, one.name);
  });
  return fmt::format("{}", fmt::join(texts, ", "));
}

}  // namespace

std::vector<Interface> interfaces() {
  ifaddrs* first = nullptr;
  if (::getifaddrs(&first) != 0) return {};
  const std::unique_ptr<ifaddrs, void (*)(ifaddrs*)> owner(first, ::freeifaddrs);
  std::vector<Interface> all;
  for (const ifaddrs* one = first; one != nullptr; one = one->ifa_next) {
    if (one->ifa_addr == nullptr || (one->ifa_flags & IFF_UP) == 0) continue;
    if (auto address = numeric(one->ifa_addr); !address.empty()) {
      all.push_back({one->ifa_name, std::move(address)});
    }
  }
  std::ranges::stable_sort(all, {}, [](const Interface& one) { return is_v6(one.address); });
  return all;
}

Result<Exposure> expose_to_containers(const std::string& bridge,
                                      const std::vector<Interface>& all) {
  const auto found = std::ranges::find(all, bridge, &Interface::name);
  if (found == all.end() || is_v6(found->address)) {
    return fail(ErrorCode::kNotFound,
                fmt::format("there is no interface {} with an IPv4 address. Does Docker run? This "
                            "machine has {}",
                            bridge, list(all)));
  }
  Exposure exposure{.address = found->address, .interface = bridge, .for_containers = true};
  exposure.hosts =
      found->address == kOwnHost ? kOwnHost : fmt::format("{},{}", kOwnHost, found->address);
  return exposure;
}

Result<Exposure> expose_to_network(const std::string& address, const std::vector<Interface>& all) {
  if (address == kAllHosts || address == "0.0.0.0" || address == "::") {
    return Exposure{.hosts = address == kAllHosts ? kAllHosts : address, .address = address};
  }
  const std::string wanted = normal(address);
  if (wanted.empty()) {
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("{} is no address; one of this machine or * is expected: {}", address,
                            list(all)));
  }
  const auto found = std::ranges::find(all, wanted, &Interface::address);
  if (found == all.end()) {
    return fail(ErrorCode::kNotFound,
                fmt::format("{} is no address of this machine, which has {}", address, list(all)));
  }
  return Exposure{.hosts = wanted == kOwnHost ? kOwnHost : fmt::format("{},{}", kOwnHost, wanted),
                  .address = wanted,
                  .interface = found->name};
}

std::string consequences(const ServiceState& state, const Exposure& exposure) {
  const std::string name(state.service->name);
  const bool keys = state.config && !state.config->list("server.api_keys").empty();
  const bool all = exposure.interface.empty();
  std::string text =
      all ? fmt::format("{} listens on all addresses of this machine, port {}.\n", name, state.port)
          : fmt::format("{} listens on {} ({}), port {}, beside this machine itself.\n", name,
                        exposure.address, exposure.interface, state.port);
  if (exposure.for_containers) {
    text += fmt::format(
        "- Containers reach it at http://{}:{}, or as host.docker.internal where they run with\n"
        "  --add-host=host.docker.internal:host-gateway. All containers do, also of others.\n",
        with_brackets(exposure.address), state.port);
  } else {
    text += fmt::format("- Whoever reaches {} reaches it. Nothing is encrypted.\n",
                        all ? "this machine over any network" : "that address");
  }
  text += keys ? "- Requests need one of its server.api_keys.\n"
               : fmt::format(
                     "- Nobody is asked who he is: whoever reaches it may use it. A key that "
                     "requests need is\n  set by server.api_keys in {}.\n",
                     state.service->config_file());
  text += fmt::format(
      "- A firewall still has to let it through, with ufw:  sudo ufw allow {}to any "
      "port {} proto tcp\n",
      exposure.interface.empty() ? "from 192.168.0.0/16 "
                                 : fmt::format("in on {} ", exposure.interface),
      state.port);
  return text;
}

std::string drop_in_text(const ServiceState& state, const Exposure& exposure) {
  std::string text =
      fmt::format("# Written by hailoctl expose; gone with:  sudo hailoctl expose {} --undo\n",
                  state.service->name);
  // The address is there once Docker has made its bridge.
  if (exposure.for_containers) text += "[Unit]\nAfter=docker.service\n\n";
  return text + fmt::format("[Service]\nEnvironment=\"{}={}\"\n",
                            state.config->find("server.host")->env, exposure.hosts);
}

std::string drop_in_path(const KnownService& service, const std::string& unit_dir) {
  return fmt::format("{}/{}.d/50-hailoctl-expose.conf", unit_dir, service.unit());
}

}  // namespace npu::cli

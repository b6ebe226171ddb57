// Manager: who is let in, and who gives way.
#include <algorithm>
#include <tuple>
#include <vector>

#include <sys/socket.h>

#include "base/error_table.hpp"
#include "base/log.hpp"
#include "manager/clients/passed_fd.hpp"
#include "manager/clients/session.hpp"
#include "manager/manager.hpp"
#include "wire/frame.hpp"

namespace npu::manager {
namespace {

constexpr std::size_t kTurnedAway = 4;
constexpr std::size_t kLookedAt = 16;

Error out_of_descriptors() {
  return {ErrorCode::kOverloaded,
          "the manager has no descriptor left for a client: try again later"};
}

// As version 1 would answer any request, since it is not known yet what this one speaks; as far as
// the socket takes it at once.
void say_farewell(int socket, const Error& why) {
  const std::string text = wire::encode_message(
      boost::json::object{{"error", why.message}, {"code", wire_name(why.code)}});
  (void)::send(socket, text.data(), text.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
}

}  // namespace

void Manager::accept(UniqueFd socket) {
  const auto peer = peer_credentials(socket.get());
  if (!peer) return log::warning("a client was turned away: {}", peer.error().message);
  count_closing();
  auto admission = admit(peer->uid);
  if (!admission) return turn_away(std::move(socket), peer->uid, admission.error());
  const broker::ConnectionId id = ++last_connection_;
  SessionHost& host = *this;
  const Session::Rights rights{.administrator = administrators_.contains(*peer, socket.get()),
                               .realtime = realtime_users_.contains(*peer, socket.get())};
  auto watched = watch(io_, socket);
  if (!watched) return turn_away(std::move(socket), peer->uid, watched.error());
  const auto session = std::make_shared<Session>(id, std::move(*watched), *peer, rights,
                                                 std::move(*admission), host);
  sessions_.emplace(id, session);
  session->connection().start();
}

// Closed only after a while: a client that sends before it reads would not see the answer else.
void Manager::turn_away(UniqueFd socket, uid_t user, const Error& why) {
  if (crowded_.begins(clock_.now())) log::warning("clients are turned away: {}", why.message);
  say_farewell(socket.get(), why);
  ::shutdown(socket.get(), SHUT_WR);
  turned_away_.emplace_back(std::move(socket), user);
  close_turned_away(kTurnedAway);
}

// For want of descriptors even for that.
void Manager::turn_away_at_once(UniqueFd socket) {
  const auto peer = peer_credentials(socket.get());
  say_farewell(socket.get(), out_of_descriptors());
  close_connection(std::move(socket), peer ? peer->uid : uid_t(-1));
}

void Manager::close_turned_away(std::size_t but) {
  for (; turned_away_.size() > but; turned_away_.pop_front()) {
    auto& [socket, user] = turned_away_.front();
    close_connection(std::move(socket), user);
  }
}

// What is closed elsewhere is still there, and its user's.
void Manager::count_closing() {
  const auto now = descriptors_closing();
  std::erase_if(closing_, [&](const auto& hold) { return !now.contains(hold.first); });
  for (const auto& [user, count] : now) {
    auto [hold, is_new] = closing_.try_emplace(user);
    if (is_new) hold->second = quota_.client(user).charge({});
    hold->second.change(Held::kDescriptors, count);
    if (PassedFd::closing_of(user) >= PassedFd::kMostClosing && hanging_.begins(clock_.now())) {
      log::warning(
          "user {} has passed {} descriptors that take long to close, perhaps of a file system of "
          "his own: nothing more is read of his connections until they are closed",
          user, count);
    }
  }
}

// Where this user may have no more, one idle connection of his own is exchanged for the new one, or
// one of who has more than he has gives way.
Result<Admission> Manager::admit(uid_t user) {
  const auto place_of_one = {ClientQuota::Amount{Held::kConnections},
                             ClientQuota::Amount{Held::kDescriptors}};
  const ClientQuota::Client client = quota_.client(user);
  auto place = client.take(place_of_one);
  if (!place && close_longest_idle(user)) {
    place = client.charge(place_of_one);
  } else if (!place && (close_longest_idle(quota_.in_the_way_of(user, Held::kConnections)) ||
                        close_longest_idle(quota_.in_the_way_of(user, Held::kDescriptors)))) {
    place = client.take(place_of_one);
  }
  if (!place) return fail(std::move(place.error()));
  return Admission{client, std::move(*place)};
}

// Whose request has arrived and is not read yet is not idle; only of the first few that is found
// out.
bool Manager::close_longest_idle(std::optional<uid_t> user) {
  if (!user) return false;
  std::vector<std::pair<SteadyTime, Session*>> idle;
  for (const auto& [id, session] : sessions_) {
    if (session->connection().client().user() != *user) continue;
    if (const SteadyTime since = session->connection().idle_since(); since != SteadyTime::max()) {
      idle.emplace_back(since, session.get());
    }
  }
  const std::size_t few = std::min(idle.size(), kLookedAt);
  const auto end_of_few = idle.begin() + static_cast<std::ptrdiff_t>(few);
  std::ranges::partial_sort(idle, end_of_few);
  const auto longest = std::find_if(idle.begin(), end_of_few, [](const auto& entry) {
    return !entry.second->connection().has_unreceived();
  });
  if (longest == end_of_few) return false;
  close_now(*longest->second, "idle for longest when somebody else needed its place");
  return true;
}

// Of a user who leaves more than his share unread those connections go first that leave most, and
// before those that are just being read the others. The only one may be in the midst of reading a
// large reply, and cannot leave much more than that.
void Manager::relieve(Held what) {
  for (const uid_t user : quota_.charged_beyond(what)) {
    while (quota_.is_beyond_share(user, what) && relieve_of(user, what)) {
    }
  }
}

bool Manager::relieve_of(uid_t user, Held what) {
  std::vector<std::tuple<bool, std::uint64_t, Session*>> leave_some;
  for (const auto& [id, session] : sessions_) {
    const bool is_his =
        session->connection().client().user() == user && session->connection().is_open();
    if (!is_his || session->connection().unsent_bytes() == 0) continue;
    const std::uint64_t held = session->connection().client().held(what);
    if (held > 0)
      leave_some.emplace_back(!session->connection().is_being_read(), held, session.get());
  }
  if (leave_some.size() < 2) return false;
  Session& first = *std::get<Session*>(*std::ranges::max_element(leave_some));
  close_now(first, "leaves most unread of a user who leaves too much");
  return true;
}

void Manager::close_now(Session& session, std::string_view why) {
  const auto kept = session.shared_from_this();
  session.connection().close(why);
  session.settle();
}

}  // namespace npu::manager

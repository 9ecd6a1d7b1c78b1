// The program cardea. Everything it does is in src/app.
int main() {
  return 0;
}

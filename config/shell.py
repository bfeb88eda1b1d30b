def shell(request):
    return {"shell": {}}
